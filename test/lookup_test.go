package test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
)

// cloudtrail is AWS's own client. It tries everything once.
func (s *server) cloudtrail(k key) *cloudtrail.Client {
	return cloudtrail.New(cloudtrail.Options{
		Region: "us-east-1", BaseEndpoint: &s.url, HTTPClient: s.http, Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider(k.ID, k.Secret, k.Token),
	})
}

// lookup waits until there are as many events.
func (s *server) lookup(t *testing.T, k key, attribute types.LookupAttributeKey, value string, want int) []types.Event {
	t.Helper()
	in := &cloudtrail.LookupEventsInput{LookupAttributes: []types.LookupAttribute{{AttributeKey: attribute, AttributeValue: &value}}}
	var found []types.Event
	for begun := time.Now(); time.Since(begun) < patience && len(found) < want; {
		found = must[*cloudtrail.LookupEventsOutput](t)(s.cloudtrail(k).LookupEvents(t.Context(), in)).Events
	}
	if len(found) < want {
		t.Fatalf("%s %s: %d events, want %d", attribute, value, len(found), want)
	}
	return found
}

// What was done can be looked up a moment later, also after a restart; by nobody else.
func TestLookupEvents(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]option{"files": nil, "stdout": {withFlags("--audit-log", "-")}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, options...)
			root := s.root(t)
			bob := s.userKey(t, "Bob")
			_, err := s.cloudtrail(bob).LookupEvents(t.Context(), &cloudtrail.LookupEventsInput{})
			refusedAs(t, err, "AccessDeniedException", "User: arn:aws:iam::123456789012:user/Bob is not authorized to perform: cloudtrail:LookupEvents "+
				"on resource: * because no identity-based policy allows the cloudtrail:LookupEvents action")

			found := s.lookup(t, root, types.LookupAttributeKeyResourceName, "Bob", 2)
			e := found[0]
			if len(found) != 2 || *e.EventName != "CreateAccessKey" || *e.Username != "root" || *e.AccessKeyId != root.ID || *e.ReadOnly != "false" || time.Since(*e.EventTime) > patience {
				t.Errorf("event %+v", e)
			}
			var record struct {
				EventID           string
				RequestParameters struct{ UserName string }
			}
			if err := json.Unmarshal([]byte(*e.CloudTrailEvent), &record); err != nil || record.EventID != *e.EventId || record.RequestParameters.UserName != "Bob" {
				t.Errorf("record %s (%v)", *e.CloudTrailEvent, err)
			}
			s.lookup(t, root, types.LookupAttributeKeyUsername, "Bob", 1)

			_, other := rootKeyOf(t, s, "create", "Other")
			must[*cloudtrail.LookupEventsOutput](t)(s.cloudtrail(other).LookupEvents(t.Context(), &cloudtrail.LookupEventsInput{}))
			for _, e := range s.lookup(t, other, types.LookupAttributeKeyEventSource, "cloudtrail.amazonaws.com", 1) {
				if *e.AccessKeyId != other.ID {
					t.Errorf("another account sees %+v", e)
				}
			}
			if name == "files" {
				s.stop(t)
				s = start(t, onData(s.data))
				s.lookup(t, root, types.LookupAttributeKeyResourceName, "Bob", 2)
			}
		})
	}
}
