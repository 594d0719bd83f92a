package cloudtrail

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudtrail"
)

func lookupOperations(t Trail) []op.Operation {
	run := func(_ context.Context, c *op.Call, in *shape.LookupEventsRequest) (*shape.LookupEventsResponse, error) {
		return lookupEvents(c, t, in)
	}
	return []op.Operation{op.Read("LookupEvents", needLookupEvents, run)}
}

const (
	mostEvents = 50                  // on a page, and how many unless the caller wants fewer
	history    = 90 * 24 * time.Hour // how far back events can be looked up
	// mostRead is how many bytes of records one page looks at. Few events of many take
	// several pages, which may be empty, as AWS documents.
	mostRead = 16 << 20
	// disorder is how much older than the one before it an event may be in the trail.
	disorder = time.Minute
)

var (
	errAttributes = awserr.New(400, "InvalidLookupAttributesException", "Currently the list of lookup attributes can contain only one item.")
	errTimeRange  = awserr.New(400, "InvalidTimeRangeException", "The timestamp values are not valid. Either the start time occurs after the end time, or the time range is outside the range of possible values.")
	errToken      = awserr.New(400, "InvalidNextTokenException", "A token that is not valid, or a token that was previously used in a request with different parameters.")
)

func needLookupEvents(*op.Call, *shape.LookupEventsRequest) ([]op.Need, error) {
	return []op.Need{{Action: "cloudtrail:LookupEvents", Resource: "*"}}, nil
}

// lookupEvents reads the trail outside the transaction, which has nothing to do with it.
func lookupEvents(c *op.Call, t Trail, in *shape.LookupEventsRequest) (*shape.LookupEventsResponse, error) {
	q, err := newQuery(c, in)
	if err != nil {
		return nil, err
	}
	if in.EventCategory != nil { // there are no insights here
		return &shape.LookupEventsResponse{Events: []shape.Event{}}, nil
	}
	return op.Outside(c, q, func(context.Context) (*shape.LookupEventsResponse, error) { return q.page(t) })
}

// query is what events a request wants.
type query struct {
	account    ids.Account
	region     string
	key, value string // the attribute; "" for any event
	start, end time.Time
	before     string // a place in the trail
	most       int
	sum        string // what requests for the pages of one list have in common
}

func newQuery(c *op.Call, in *shape.LookupEventsRequest) (query, error) {
	q := query{account: c.Caller.Account, region: c.Region, start: c.Now.Add(-history), end: c.Now.Add(time.Second), most: mostEvents}
	if in.StartTime != nil && in.StartTime.After(q.start) {
		q.start = in.StartTime.UTC()
	}
	if in.EndTime != nil {
		q.end = in.EndTime.UTC()
	}
	if in.StartTime != nil && in.StartTime.After(q.end) {
		return query{}, errTimeRange
	}
	if in.MaxResults != nil {
		q.most = int(*in.MaxResults)
	}
	switch len(in.LookupAttributes) {
	case 0:
	case 1:
		q.key, q.value = in.LookupAttributes[0].AttributeKey, in.LookupAttributes[0].AttributeValue
	default:
		return query{}, errAttributes
	}
	q.sum = sumOf(&q, in)
	var err error
	q.before, err = placeIn(in.NextToken, q.sum)
	return q, err
}

func sumOf(q *query, in *shape.LookupEventsRequest) string {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s %s %q %q", q.account, q.region, q.key, q.value)
	for _, t := range []*time.Time{in.StartTime, in.EndTime} {
		if t != nil {
			fmt.Fprintf(h, " %d", t.UnixMilli())
		} else {
			fmt.Fprint(h, " -")
		}
	}
	return fmt.Sprintf("%016x", h.Sum64())
}

// A token is the sum of its query, and a place.
var tokenForm = regexp.MustCompile(`^([0-9a-f]{16})/([0-9]{1,9}\.[0-9]{1,18})$`)

func tokenOf(sum, place string) *string {
	if place == "" {
		return nil
	}
	return new(base64.RawURLEncoding.EncodeToString([]byte(sum + "/" + place)))
}

func placeIn(token *string, sum string) (string, error) {
	text, ok := op.Cursor(token)
	if ok && token == nil {
		return "", nil
	}
	part := tokenForm.FindStringSubmatch(text)
	if !ok || part == nil || part[1] != sum {
		return "", errToken
	}
	return part[2], nil
}

// page is one page of the events that are wanted.
func (q query) page(t Trail) (*shape.LookupEventsResponse, error) {
	found := []event{}
	read, over := 0, false
	next, err := t.Back(q.before, q.end, func(line []byte) bool {
		if read += len(line); read > mostRead {
			return false
		}
		if over = q.over(line); over {
			return false
		}
		e, ok := q.wants(line)
		if ok && len(found) == q.most {
			return false
		}
		if ok {
			found = append(found, e)
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	if over {
		next = ""
	}
	// Events of about one time are in the trail as they came.
	slices.SortStableFunc(found, func(a, b event) int { return b.time.Compare(a.time) })
	out := &shape.LookupEventsResponse{Events: make([]shape.Event, len(found)), NextToken: tokenOf(q.sum, next)}
	for i := range found {
		out.Events[i] = found[i].describe()
	}
	return out, nil
}

// over reports whether a record is so old that none before it can be wanted.
func (q query) over(line []byte) bool {
	at, ok := timeOf(line)
	return ok && at.Before(q.start.Add(-disorder))
}

// wants reads a record, and reports whether it is one that is wanted: a management event,
// since CloudTrail keeps no history of others. Most that are not
// are told by their text, without decoding them.
func (q query) wants(line []byte) (event, bool) {
	if !bytes.Contains(line, []byte(`"recipientAccountId":"`+string(q.account)+`"`)) || !q.mayHave(line) {
		return event{}, false
	}
	e, err := parseEvent(line)
	if err != nil { // what a token cuts in two
		return event{}, false
	}
	if e.Account != string(q.account) || e.Category != "Management" || e.Region != q.region || e.time.Before(q.start) || e.time.After(q.end) {
		return event{}, false
	}
	return e, q.key == "" || slices.Contains(e.attributes(q.key), q.value)
}

// mayHave reports whether the attribute's value, where it is the record's own, can be in
// its text.
func (q query) mayHave(line []byte) bool {
	if q.key == "" || q.key == shape.LookupAttributeKeyResourceType || q.key == shape.LookupAttributeKeyUsername && q.value == rootName {
		return true
	}
	plain := func(r rune) bool { return r >= ' ' && r <= '~' && r != '"' && r != '\\' }
	if strings.ContainsFunc(q.value, func(r rune) bool { return !plain(r) }) {
		return true
	}
	return bytes.Contains(line, []byte(q.value))
}
