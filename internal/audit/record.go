// Package audit keeps one record of each request, in the format of CloudTrail.
// A record is begun at the door and filled in along the path. The record of a
// change is staged in the change's own transaction and drained from there to a
// sink; any other is appended to the sink before the caller gets an answer.
//
// The package decides what a record shows, and how it stays: which requests
// make records, and what is refused when one cannot be kept, is the gateway's
// part.
package audit

import (
	"crypto/tls"
	"time"
)

// Limits on a record, in bytes of its JSON. What is over one is cut there, on a
// character, and the field's name is added to additionalEventData.truncated.
// CloudTrail keeps more of a request (100 KB), and nothing at all of one larger
// than that, so that padding hides a policy from it; here the start remains.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
const (
	MaxRecord   = 48 << 10 // a whole record; the limits below add up to less
	maxName     = 512      // names, codes, addresses
	maxText     = 1 << 10  // ARNs, the user agent, the error message
	maxValue    = 12 << 10 // one value in requestParameters or responseElements
	maxRequest  = 16 << 10
	maxResponse = 8 << 10
	maxDecision = 4 << 10
)

// Record is what the audit trail says of one request. A zero field is left out,
// or null where CloudTrail has null. It is for one goroutine.
type Record struct {
	// EventID names the record. It is made once for a request, before the
	// transaction, so that a transaction run twice stages one record.
	EventID   string
	RequestID string
	Time      time.Time // when the request was completed
	Source    string    // the service: "iam.amazonaws.com"
	Name      string    // the operation, which an unknown caller may have made up
	Region    string    // us-east-1 for a global service
	SourceIP  string    // or the name of the service that calls for a principal
	UserAgent string
	Caller    Identity
	Account   string // whose trail this is

	ErrorCode    string // empty for a request that was served
	ErrorMessage string

	// Request and Response are generated shapes, or pointers to them. Leave the
	// Response of a read nil. That of a failed request is not shown.
	Request  any
	Response any

	Decision Decision
	ReadOnly bool
	Data     bool // a data event: what another server is asked to do, and not iamd

	// Details make this the record of an event of the service, which nobody has called for:
	// names and values.
	Details [][2]string

	TLS  *tls.ConnectionState // nil without TLS
	Host string               // the Host header
}

// Decision is why a request was allowed or denied.
type Decision struct {
	Result     string // "Allow", "ImplicitDeny", "ExplicitDeny"; empty when it was not asked
	Statements []Statement
}

// Statement is a policy statement that made a decision.
type Statement struct {
	Policy string // the policy's ARN, or the name of an inline one
	Sid    string
}

// AppendJSON appends the record as one line of JSON, without a newline.
func (r *Record) AppendJSON(dst []byte) []byte {
	w := writer{buf: dst}
	w.raw(`{"eventVersion":"1.11","userIdentity":`)
	w.identity(&r.Caller)
	w.raw(`,"eventTime":"`)
	w.buf = r.Time.UTC().AppendFormat(w.buf, isoTime)
	w.raw(`","eventSource":`)
	w.text(r.Source, maxName, cutName)
	w.raw(`,"eventName":`)
	w.text(r.Name, maxName, cutName)
	w.optional(`,"awsRegion":`, r.Region, maxName, cutName)
	w.optional(`,"sourceIPAddress":`, r.SourceIP, maxName, cutName)
	w.optional(`,"userAgent":`, r.UserAgent, maxText, cutUserAgent)
	w.optional(`,"errorCode":`, r.ErrorCode, maxName, cutError)
	w.optional(`,"errorMessage":`, r.ErrorMessage, maxText, cutError)

	w.raw(`,"requestParameters":`)
	w.shape(r.Request, maxRequest, cutRequest)
	w.raw(`,"responseElements":`)
	if r.ErrorCode == "" {
		w.shape(r.Response, maxResponse, cutResponse)
	} else {
		w.raw("null")
	}
	w.additional(r)

	w.raw(`,"requestID":`)
	w.text(r.RequestID, maxName, cutNone)
	w.raw(eventIDKey)
	w.text(r.EventID, maxName, cutNone)
	w.raw(`,"readOnly":`)
	w.bool(r.ReadOnly)
	w.raw(`,"eventType":"` + r.kind() + `","managementEvent":`)
	w.bool(!r.Data)
	w.optional(`,"recipientAccountId":`, r.Account, maxName, cutNone)
	w.raw(`,"eventCategory":"` + r.category() + `"`)
	w.tls(r.TLS, r.Host)
	return append(w.buf, '}')
}

func (r *Record) kind() string {
	if r.Details != nil {
		return "AwsServiceEvent"
	}
	return "AwsApiCall"
}

func (r *Record) category() string {
	if r.Data {
		return "Data"
	}
	return "Management"
}

const (
	isoTime = time.RFC3339 // of a UTC time: 2026-11-22T10:15:00Z
	// eventIDKey cannot occur inside a string, where its quotes are escaped,
	// and nothing after it holds an object's keys from outside.
	eventIDKey = `,"eventID":`
)

// additional appends what CloudTrail's format has no place for.
func (w *writer) additional(r *Record) {
	d := &r.Decision
	if d.Result == "" && w.cut == cutNone && len(r.Details) == 0 {
		return
	}
	w.raw(`,"additionalEventData":`)
	sep := "{"
	for _, detail := range r.Details {
		w.raw(sep)
		w.text(detail[0], maxName, cutDecision)
		w.raw(":")
		w.text(detail[1], maxText, cutDecision)
		sep = ","
	}
	if d.Result != "" {
		w.raw(sep + `"decision":`)
		w.text(d.Result, maxName, cutDecision)
		w.statements(d.Statements)
		sep = ","
	}
	if w.cut != cutNone {
		w.raw(sep + `"truncated":`)
		w.truncated()
	}
	w.raw("}")
}

func (w *writer) statements(list []Statement) {
	if len(list) == 0 {
		return
	}
	limit := len(w.buf) + maxDecision - 2*maxName
	w.raw(`,"statements":[`)
	for i, s := range list {
		if len(w.buf) > limit {
			w.cut |= cutDecision
			break
		}
		if i > 0 {
			w.raw(",")
		}
		w.raw(`{"policy":`)
		w.text(s.Policy, maxName, cutDecision)
		w.optional(`,"sid":`, s.Sid, maxName/4, cutDecision)
		w.raw("}")
	}
	w.raw("]")
}

// tls appends the connection's protection. A host longer than any DNS name is
// cut, and not flagged.
func (w *writer) tls(state *tls.ConnectionState, host string) {
	if state == nil {
		return
	}
	w.raw(`,"tlsDetails":{"tlsVersion":`)
	w.text(tlsVersion(state.Version), maxName, cutNone)
	w.raw(`,"cipherSuite":`)
	w.text(tls.CipherSuiteName(state.CipherSuite), maxName, cutNone)
	w.optional(`,"clientProvidedHostHeader":`, host, maxName, cutNone)
	w.raw("}")
}

// tlsVersion spells a version as CloudTrail does.
func tlsVersion(v uint16) string {
	switch v {
	case tls.VersionTLS12:
		return "TLSv1.2"
	case tls.VersionTLS13:
		return "TLSv1.3"
	}
	return tls.VersionName(v)
}
