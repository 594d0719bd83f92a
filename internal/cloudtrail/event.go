package cloudtrail

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	shape "github.com/iamd-project/iamd/internal/shapes/cloudtrail"
)

// event is a record, as far as lookups are about it.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
type event struct {
	ID       string         `json:"eventID"`
	Time     string         `json:"eventTime"`
	Source   string         `json:"eventSource"`
	Name     string         `json:"eventName"`
	Region   string         `json:"awsRegion"`
	Account  string         `json:"recipientAccountId"`
	Category string         `json:"eventCategory"`
	ReadOnly bool           `json:"readOnly"`
	Caller   caller         `json:"userIdentity"`
	Request  map[string]any `json:"requestParameters"`
	Response map[string]any `json:"responseElements"`

	time time.Time
	text string // all of it, as JSON
}

type caller struct {
	Type        string `json:"type"`
	PrincipalID string `json:"principalId"`
	KeyID       string `json:"accessKeyId"`
	Name        string `json:"userName"`
	InvokedBy   string `json:"invokedBy"`
}

// timeOf finds the time of a record without decoding it. A quote inside a string is
// escaped, so that what looks like the member is the member.
func timeOf(line []byte) (time.Time, bool) {
	_, rest, ok := bytes.Cut(line, []byte(`,"eventTime":"`))
	if !ok {
		return time.Time{}, false
	}
	value, _, _ := bytes.Cut(rest, []byte(`"`))
	at, err := time.Parse(time.RFC3339, string(value))
	return at, err == nil
}

func parseEvent(line []byte) (e event, err error) {
	if err := json.Unmarshal(line, &e); err != nil {
		return event{}, err
	}
	e.text = string(line)
	e.time, err = time.Parse(time.RFC3339, e.Time)
	return e, err
}

// rootName is the name of an account's root user.
const rootName = "root"

// user is who made the request: a user's name, root, or the name of a session.
func (e *event) user() string {
	switch e.Caller.Type {
	case "Root":
		return rootName
	case "AssumedRole", "FederatedUser":
		_, session, _ := strings.Cut(e.Caller.PrincipalID, ":")
		return session
	case "AWSService":
		return e.Caller.InvokedBy
	}
	return e.Caller.Name
}

// attributes are the event's values for a key of lookups.
func (e *event) attributes(key string) (values []string) {
	switch key {
	case shape.LookupAttributeKeyEventId:
		return []string{e.ID}
	case shape.LookupAttributeKeyEventName:
		return []string{e.Name}
	case shape.LookupAttributeKeyReadOnly:
		return []string{strconv.FormatBool(e.ReadOnly)}
	case shape.LookupAttributeKeyUsername:
		return []string{e.user()}
	case shape.LookupAttributeKeyEventSource:
		return []string{e.Source}
	case shape.LookupAttributeKeyAccessKeyId:
		return []string{e.Caller.KeyID}
	}
	for _, r := range e.resources() {
		if key == shape.LookupAttributeKeyResourceType {
			values = append(values, *r.ResourceType)
		} else {
			values = append(values, *r.ResourceName)
		}
	}
	return values
}

func (e *event) describe() shape.Event {
	return shape.Event{
		AccessKeyId:     present(e.Caller.KeyID),
		CloudTrailEvent: &e.text,
		EventId:         &e.ID,
		EventName:       &e.Name,
		EventSource:     &e.Source,
		EventTime:       &e.time,
		ReadOnly:        new(strconv.FormatBool(e.ReadOnly)),
		Resources:       e.resources(),
		Username:        present(e.user()),
	}
}

// present is s, or nil for an empty one.
func present(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
