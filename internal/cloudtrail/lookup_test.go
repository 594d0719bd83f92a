package cloudtrail_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/audit"
	"github.com/iamd-project/iamd/internal/cloudtrail"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudtrail"
	"github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/internal/shapes/ssm"
)

// world is an account whose trail tests write by hand.
type world struct {
	*optest.World
	t      *testing.T
	memory *audit.Memory
}

func newWorld(t *testing.T) *world {
	memory := audit.NewMemory(audit.NewStream(&strings.Builder{}), 64<<20)
	return &world{optest.New(t, cloudtrail.Service(memory)), t, memory}
}

// record adds a record of the account in us-east-1, unless it says otherwise.
func (w *world) record(id string, at time.Time, change func(*audit.Record)) {
	w.t.Helper()
	r := &audit.Record{
		EventID: id, Time: at, Source: "iam.amazonaws.com", Name: "GetUser", Region: "us-east-1", ReadOnly: true, Account: string(optest.Account),
		Caller: audit.Identity{Type: audit.IAMUser, Account: string(optest.Account), UserName: "Bob", KeyID: "AKIAIOSFODNN7EXAMPLE"},
	}
	if change != nil {
		change(r)
	}
	if err := w.memory.Write(w.t.Context(), append(r.AppendJSON(nil), '\n'), 1, false); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) lookup(in *shape.LookupEventsRequest) (ids string, out *shape.LookupEventsResponse) {
	w.t.Helper()
	out = optest.Must[shape.LookupEventsResponse](w.World, w.Root(), "LookupEvents", in)
	list := make([]string, len(out.Events))
	for i, e := range out.Events {
		list[i] = *e.EventId
	}
	return strings.Join(list, " "), out
}

func by(key, value string) *shape.LookupEventsRequest {
	return &shape.LookupEventsRequest{LookupAttributes: []shape.LookupAttribute{{AttributeKey: key, AttributeValue: value}}}
}

func TestLookupEvents(t *testing.T) {
	w := newWorld(t)
	at := func(minutes int) time.Time { return w.Now.Add(time.Duration(minutes-60) * time.Minute) }
	w.record("old", w.Now.Add(-91*24*time.Hour), nil)
	w.record("e1", at(1), nil)
	w.record("other", at(2), func(r *audit.Record) { r.Account = "210987654321" })
	w.record("region", at(3), func(r *audit.Record) { r.Region = "eu-west-1" })
	w.record("data", at(3), func(r *audit.Record) { r.Data = true })
	w.record("e2", at(4), func(r *audit.Record) {
		r.Name, r.ReadOnly = "CreateAccessKey", false
		r.Request = &iam.CreateAccessKeyRequest{UserName: new("Al \"x\"")}
		r.Response = &iam.CreateAccessKeyResponse{AccessKey: &iam.AccessKey{UserName: new("Al \"x\""), AccessKeyId: "AKIAI44QH8DHBEXAMPLE"}}
	})
	w.record("e3", at(5), func(r *audit.Record) {
		r.Source, r.Name = "ssm.amazonaws.com", "GetParameters"
		r.Request = &ssm.GetParametersRequest{Names: []string{"/a", "/b"}}
		r.Caller = audit.Identity{Type: audit.AssumedRole, PrincipalID: "AROAX:work", KeyID: "ASIAIOSFODNN7EXAMPLE"}
	})
	w.record("e4", at(6), func(r *audit.Record) { r.Caller = audit.Identity{Type: audit.Root, PrincipalID: "123456789012"} })

	for _, tc := range []struct{ key, value, want string }{
		{"EventId", "e2", "e2"},
		{"EventId", "other", ""},
		{"EventId", "region", ""},
		{"EventId", "old", ""},
		{"EventId", "data", ""},
		{"EventName", "GetUser", "e4 e1"},
		{"EventName", "User", ""},
		{"ReadOnly", "false", "e2"},
		{"ReadOnly", "true", "e4 e3 e1"},
		{"Username", "Bob", "e2 e1"},
		{"Username", "root", "e4"},
		{"Username", "work", "e3"},
		{"ResourceType", "AWS::IAM::User", "e2"},
		{"ResourceType", "AWS::SSM::Parameter", "e3"},
		{"ResourceName", "/b", "e3"},
		{"ResourceName", "Al \"x\"", "e2"},
		{"ResourceName", "AKIAI44QH8DHBEXAMPLE", "e2"},
		{"EventSource", "ssm.amazonaws.com", "e3"},
		{"AccessKeyId", "ASIAIOSFODNN7EXAMPLE", "e3"},
		{"AccessKeyId", "AKIAI44QH8DHBEXAMPLE", ""},
	} {
		if got, _ := w.lookup(by(tc.key, tc.value)); got != tc.want {
			t.Errorf("%s %s: got %q, want %q", tc.key, tc.value, got, tc.want)
		}
	}
	for want, in := range map[string]*shape.LookupEventsRequest{
		"e4 e3 e2 e1": {},
		"e3 e2":       {StartTime: new(at(2)), EndTime: new(at(5))},
		"e4 e3":       {StartTime: new(at(5))},
		"e2 e1":       {EndTime: new(at(4))},
		"":            {EventCategory: new("insight")},
	} {
		if got, _ := w.lookup(in); got != want {
			t.Errorf("%+v: got %q, want %q", in, got, want)
		}
	}

	_, out := w.lookup(by("EventId", "e2"))
	e := out.Events[0]
	if *e.EventName != "CreateAccessKey" || *e.EventSource != "iam.amazonaws.com" || *e.ReadOnly != "false" || *e.Username != "Bob" ||
		*e.AccessKeyId != "AKIAIOSFODNN7EXAMPLE" || !e.EventTime.Equal(at(4)) || !strings.HasPrefix(*e.CloudTrailEvent, `{"eventVersion":"1.11",`) {
		t.Errorf("event %+v", e)
	}
	var named []string
	for _, r := range e.Resources {
		named = append(named, *r.ResourceType+" "+*r.ResourceName)
	}
	if got := strings.Join(named, ", "); got != `AWS::IAM::User Al "x", AWS::IAM::AccessKey AKIAI44QH8DHBEXAMPLE` {
		t.Errorf("resources %s", got)
	}
}

func TestLookupPages(t *testing.T) {
	w := newWorld(t)
	var want []string
	for i := range 125 {
		w.record(fmt.Sprint(i), w.Now.Add(time.Duration(i-200)*time.Second), nil)
		want = append([]string{fmt.Sprint(i)}, want...)
	}
	for _, most := range []*int32{nil, new(int32(7))} {
		var got []string
		in := &shape.LookupEventsRequest{MaxResults: most}
		for {
			ids, out := w.lookup(in)
			got = append(got, strings.Fields(ids)...)
			if in.NextToken = out.NextToken; in.NextToken == nil {
				break
			}
			w.record("later", w.Now, nil) // does not shift the pages
		}
		if fmt.Sprint(got[len(got)-125:]) != fmt.Sprint(want) {
			t.Errorf("pages %v", got)
		}
	}

	_, out := w.lookup(&shape.LookupEventsRequest{MaxResults: new(int32(1))})
	const invalid = "A token that is not valid, or a token that was previously used in a request with different parameters."
	other := by("EventName", "GetUser")
	other.NextToken = out.NextToken
	w.Refused(w.Root(), "LookupEvents", other, 400, "InvalidNextTokenException", invalid)
	for _, token := range []string{"", "!", "YQ"} {
		w.Refused(w.Root(), "LookupEvents", &shape.LookupEventsRequest{NextToken: &token}, 400, "InvalidNextTokenException", invalid)
	}
}

// One page costs no more than so much of the trail.
func TestLookupIsBounded(t *testing.T) {
	w := newWorld(t)
	w.record("wanted", w.Now.Add(-time.Hour), func(r *audit.Record) { r.Name = "CreateUser" })
	for i := range 1100 {
		w.record(fmt.Sprint(i), w.Now, func(r *audit.Record) {
			r.Request = &iam.CreateUserRequest{UserName: strings.Repeat("x", 10<<10), Path: new(strings.Repeat("y", 10<<10))}
		})
	}
	in := by("EventName", "CreateUser")
	pages, found := 1, ""
	for ; ; pages++ {
		ids, out := w.lookup(in)
		found += ids
		if in.NextToken = out.NextToken; in.NextToken == nil {
			break
		}
	}
	if pages != 2 || found != "wanted" {
		t.Errorf("%d pages with %q", pages, found)
	}
}

func TestLookupRefuses(t *testing.T) {
	w := newWorld(t)
	two := by("EventName", "x")
	two.LookupAttributes = append(two.LookupAttributes, two.LookupAttributes...)
	w.Refused(w.Root(), "LookupEvents", two, 400, "InvalidLookupAttributesException", "Currently the list of lookup attributes can contain only one item.")
	w.Refused(w.Root(), "LookupEvents", &shape.LookupEventsRequest{StartTime: new(w.Now), EndTime: new(w.Now.Add(-time.Hour))}, 400, "InvalidTimeRangeException",
		"The timestamp values are not valid. Either the start time occurs after the end time, or the time range is outside the range of possible values.")
	_, needs, _ := w.Do(w.Root(), "LookupEvents", &shape.LookupEventsRequest{})
	if len(needs) != 1 || needs[0].Action != "cloudtrail:LookupEvents" || needs[0].Resource != "*" {
		t.Errorf("needs %+v", needs)
	}
}
