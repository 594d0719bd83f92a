package authority

import (
	"strings"

	"github.com/iamd-project/iamd/authority"
	"github.com/iamd-project/iamd/internal/audit"
	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/gateway"
	"github.com/iamd-project/iamd/internal/op"
)

// globalRegion is where the records of callers are whose word for a region is not to be
// taken.
const globalRegion = "us-east-1"

// authenticate is what is done with a request that takes no permission.
const authenticate = "Authenticate"

// requested is what a record shows of a request. A query is left out: a presigned one
// is as good as a key.
type requested struct {
	Resource string `aws:"Resource"`
	Method   string `aws:"Method"`
	Host     string `aws:"Host"`
	Path     string `aws:"Path"`
}

func (s *Server) beginRecord(e *exchange) {
	e.record = audit.Record{
		EventID:   s.IDs.UUID(),
		RequestID: e.id,
		Time:      e.now,
		Region:    globalRegion,
		SourceIP:  e.question.ClientIP,
		UserAgent: e.http.UserAgent(),
		Caller:    audit.Identity{Type: audit.Unknown, KeyID: string(e.signed.KeyID())},
		Account:   string(s.Account),
		ReadOnly:  true, // of iamd, nothing is changed
		Data:      true,
	}
	if c := e.question.Credential; c != nil {
		e.record.Caller.KeyID = c.AccessKeyID
	}
	e.record.Source, e.record.Name = e.question.Service+serviceHost, authenticate
	if e.question.Service == "" {
		e.record.Source = "authority" + serviceHost
	}
	if len(e.needs) > 0 {
		e.asked(&e.needs[0], audit.Decision{})
	}
}

const serviceHost = ".amazonaws.com"

// asked makes the record that of one of the permissions.
func (e *exchange) asked(n *op.Need, d audit.Decision) {
	service, name, _ := strings.Cut(n.Action, ":")
	e.record.Source, e.record.Name = strings.ToLower(service)+serviceHost, name
	e.record.Decision = d
	if e.caller.Kind != op.Nobody {
		e.record.Request = requested{n.Resource, e.http.Method, e.http.Host, e.path()}
	}
}

func (e *exchange) path() string {
	if e.http.URL == nil {
		return ""
	}
	return e.http.URL.Path
}

// identify puts the caller, if there is one, into the record and the answer.
func (e *exchange) identify() {
	p := &e.caller
	if p.Kind == op.Nobody {
		return
	}
	if region := e.signed.Scope().Region; region != "" {
		e.record.Region = region
	}
	e.record.Account = string(p.Account)
	e.record.Caller = gateway.Identity(p)
	if len(e.needs) > 0 {
		e.asked(&e.needs[0], audit.Decision{})
	}
	e.answer.Principal = &authority.Principal{
		Type: kinds[p.Kind], ARN: p.ARN, ID: p.ID, Account: string(p.Account), Name: p.Name, AccessKeyID: string(p.KeyID),
	}
}

var kinds = map[op.PrincipalKind]string{
	op.Root: "Root", op.User: "User", op.RoleSession: "RoleSession", op.FederatedUser: "FederatedUser",
}

// conclude puts the refusal, if there is one, into the record. Of a caller that nobody
// knows the record quotes nothing: a secret may be in the wrong place.
func (e *exchange) conclude(err error) {
	refused := e.answer.Refusal
	if refused == nil {
		return
	}
	e.record.ErrorCode, e.record.ErrorMessage = refused.Code, refused.Message
	if err != nil && e.caller.Kind == op.Nobody {
		words := awserr.Query
		if e.s3 {
			words = awserr.S3
		}
		e.record.ErrorMessage = awserr.Default(err, words).Message
	}
}
