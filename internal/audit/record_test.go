package audit

import (
	"crypto/tls"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/internal/shapes/sts"
)

var noon = time.Date(2026, 11, 22, 10, 15, 0, 999, time.UTC)

func ptr[T any](v T) *T { return &v }

// alice is a record of a read by a user, as most are.
func alice() *Record {
	return &Record{
		EventID:   "b0f8c3a2-1b1c-4c5e-9d52-0d6f6a7b8c9d",
		RequestID: "7a62c49f-347e-4fc4-9331-6e8e7f0a1b2c",
		Time:      noon,
		Source:    "iam.amazonaws.com",
		Name:      "GetUser",
		Region:    "us-east-1",
		SourceIP:  "192.0.2.10",
		UserAgent: "aws-cli/2.31.1 md/awscrt#0.27.6 ua/2.1 os/linux#6.8.0 md/arch#x86_64 lang/python#3.13.7 cfg/retry-mode#standard",
		Caller: Identity{
			Type:        IAMUser,
			PrincipalID: "AIDACKCEVSQ6C2EXAMPLE",
			ARN:         "arn:aws:iam::123456789012:user/Alice",
			Account:     "123456789012",
			KeyID:       "AKIAIOSFODNN7EXAMPLE",
			UserName:    "Alice",
		},
		Account:  "123456789012",
		Request:  &iam.GetUserRequest{UserName: ptr("Bob")},
		Decision: Decision{Result: "Allow", Statements: []Statement{{Policy: "arn:aws:iam::aws:policy/IAMReadOnlyAccess", Sid: "Read"}}},
		ReadOnly: true,
	}
}

// with is alice's record, changed.
func with(change func(*Record)) *Record {
	r := alice()
	change(r)
	return r
}

func TestRecords(t *testing.T) {
	const start = `{"eventVersion":"1.11","userIdentity":`
	const byAlice = `{"type":"IAMUser","principalId":"AIDACKCEVSQ6C2EXAMPLE","arn":"arn:aws:iam::123456789012:user/Alice","accountId":"123456789012","accessKeyId":"AKIAIOSFODNN7EXAMPLE","userName":"Alice"}`
	const from = `,"awsRegion":"us-east-1","sourceIPAddress":"192.0.2.10","userAgent":"aws-cli/2.31.1 md/awscrt#0.27.6 ua/2.1 os/linux#6.8.0 md/arch#x86_64 lang/python#3.13.7 cfg/retry-mode#standard"`
	const ids = `,"requestID":"7a62c49f-347e-4fc4-9331-6e8e7f0a1b2c","eventID":"b0f8c3a2-1b1c-4c5e-9d52-0d6f6a7b8c9d"`
	const end = `,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"123456789012","eventCategory":"Management"`
	const at = `,"eventTime":"2026-11-22T10:15:00Z","eventSource":"iam.amazonaws.com","eventName":`
	const allowed = `,"additionalEventData":{"decision":"Allow","statements":[{"policy":"arn:aws:iam::aws:policy/IAMReadOnlyAccess","sid":"Read"}]}`

	for _, c := range []struct {
		name string
		rec  *Record
		want string
	}{
		{"a user reads", alice(),
			start + byAlice + at + `"GetUser"` + from +
				`,"requestParameters":{"userName":"Bob"},"responseElements":null` + allowed + ids + `,"readOnly":true` + end + `}`},
		{"nothing asked for", with(func(r *Record) { r.Request, r.Decision = &iam.GetUserRequest{}, Decision{} }),
			start + byAlice + at + `"GetUser"` + from +
				`,"requestParameters":null,"responseElements":null` + ids + `,"readOnly":true` + end + `}`},
		{"root writes", with(func(r *Record) {
			r.Name, r.ReadOnly, r.Decision = "CreateAccessKey", false, Decision{Result: "Allow"}
			r.Caller = Identity{Type: Root, PrincipalID: "123456789012", ARN: "arn:aws:iam::123456789012:root", Account: "123456789012", KeyID: "AKIAIOSFODNN7EXAMPLE"}
			r.Request = &iam.CreateAccessKeyRequest{UserName: ptr("Bob")}
			r.Response = &iam.CreateAccessKeyResponse{AccessKey: &iam.AccessKey{
				UserName: ptr("Bob"), AccessKeyId: "AKIAI44QH8DHBEXAMPLE", Status: "Active",
				SecretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", CreateDate: ptr(noon.Add(5 * time.Hour)),
			}}
		}),
			start + `{"type":"Root","principalId":"123456789012","arn":"arn:aws:iam::123456789012:root","accountId":"123456789012","accessKeyId":"AKIAIOSFODNN7EXAMPLE"}` +
				at + `"CreateAccessKey"` + from +
				`,"requestParameters":{"userName":"Bob"},"responseElements":{"accessKey":{"accessKeyId":"AKIAI44QH8DHBEXAMPLE","createDate":"Nov 22, 2026, 3:15:00 PM","status":"Active","userName":"Bob"}}` +
				`,"additionalEventData":{"decision":"Allow"}` + ids + `,"readOnly":false` + end + `}`},
		{"denied", with(func(r *Record) {
			r.ErrorCode = "AccessDenied"
			r.ErrorMessage = "User: arn:aws:iam::123456789012:user/Alice is not authorized to perform: iam:GetUser on resource: user Bob with an explicit deny in an identity-based policy"
			r.Decision = Decision{Result: "ExplicitDeny", Statements: []Statement{{Policy: "no-reading"}}}
			r.Response = &iam.GetUserResponse{}
		}),
			start + byAlice + at + `"GetUser"` + from +
				`,"errorCode":"AccessDenied","errorMessage":"User: arn:aws:iam::123456789012:user/Alice is not authorized to perform: iam:GetUser on resource: user Bob with an explicit deny in an identity-based policy"` +
				`,"requestParameters":{"userName":"Bob"},"responseElements":null` +
				`,"additionalEventData":{"decision":"ExplicitDeny","statements":[{"policy":"no-reading"}]}` + ids + `,"readOnly":true` + end + `}`},
		{"nobody", with(func(r *Record) {
			r.Caller = Identity{KeyID: "AKIAIOSFODNN7EXAMPLE"}
			r.ErrorCode, r.ErrorMessage = "InvalidClientTokenId", "The security token included in the request is invalid."
			r.Request, r.Decision = nil, Decision{}
		}),
			start + `{"type":"Unknown","accessKeyId":"AKIAIOSFODNN7EXAMPLE"}` + at + `"GetUser"` + from +
				`,"errorCode":"InvalidClientTokenId","errorMessage":"The security token included in the request is invalid."` +
				`,"requestParameters":null,"responseElements":null` + ids + `,"readOnly":true` + end + `}`},
		{"a secret for a key id", with(func(r *Record) {
			r.Caller = Identity{KeyID: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
			r.Request, r.Decision = nil, Decision{}
		}),
			start + `{"type":"Unknown","accessKeyId":"HIDDEN_DUE_TO_SECURITY_REASONS"}` + at + `"GetUser"` + from +
				`,"requestParameters":null,"responseElements":null` + ids + `,"readOnly":true` + end + `}`},
		{"a session over TLS", with(func(r *Record) {
			r.Caller = Identity{
				Type: AssumedRole, PrincipalID: "AROAIDPPEZS35WEXAMPLE:job", ARN: "arn:aws:sts::123456789012:assumed-role/ci/job",
				Account: "123456789012", KeyID: "ASIAIOSFODNN7EXAMPLE",
				Session: &Session{
					Issuer:  Issuer{"Role", "AROAIDPPEZS35WEXAMPLE", "arn:aws:iam::123456789012:role/ci", "123456789012", "ci"},
					Created: noon, SourceIdentity: "Alice",
				},
				InvokedBy: "cloudformation.amazonaws.com",
			}
			r.Source, r.Name = "sts.amazonaws.com", "AssumeRole"
			r.Request = &sts.AssumeRoleRequest{RoleArn: "arn:aws:iam::123456789012:role/x", RoleSessionName: "s", TokenCode: ptr("123456"), DurationSeconds: ptr(int32(900))}
			r.Response = &sts.AssumeRoleResponse{Credentials: &sts.Credentials{AccessKeyId: "ASIAI44QH8DHBEXAMPLE", SecretAccessKey: "s3cret", SessionToken: "t0ken", Expiration: noon}}
			r.Decision = Decision{}
			r.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, CipherSuite: tls.TLS_AES_128_GCM_SHA256}
			r.Host = "sts.example.org"
		}),
			start + `{"type":"AssumedRole","principalId":"AROAIDPPEZS35WEXAMPLE:job","arn":"arn:aws:sts::123456789012:assumed-role/ci/job","accountId":"123456789012","accessKeyId":"ASIAIOSFODNN7EXAMPLE"` +
				`,"sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAIDPPEZS35WEXAMPLE","arn":"arn:aws:iam::123456789012:role/ci","accountId":"123456789012","userName":"ci"}` +
				`,"attributes":{"creationDate":"2026-11-22T10:15:00Z","mfaAuthenticated":"false"},"sourceIdentity":"Alice"},"invokedBy":"cloudformation.amazonaws.com"}` +
				`,"eventTime":"2026-11-22T10:15:00Z","eventSource":"sts.amazonaws.com","eventName":"AssumeRole"` + from +
				`,"requestParameters":{"durationSeconds":900,"roleArn":"arn:aws:iam::123456789012:role/x","roleSessionName":"s"}` +
				`,"responseElements":{"credentials":{"accessKeyId":"ASIAI44QH8DHBEXAMPLE","expiration":"Nov 22, 2026, 10:15:00 AM"}}` +
				ids + `,"readOnly":true` + end +
				`,"tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"sts.example.org"}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := string(c.rec.AppendJSON(nil))
			if got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
			if !json.Valid([]byte(got)) {
				t.Error("not JSON")
			}
		})
	}
}

// TestLargest fills every field of a record past its limit.
func TestLargest(t *testing.T) {
	long := strings.Repeat("\x01", 100<<10) // six bytes of JSON each
	tags := make([]iam.Tag, 1000)
	for i := range tags {
		tags[i] = iam.Tag{Key: long, Value: long}
	}
	r := &Record{
		EventID: long, RequestID: long, Time: noon, Source: long, Name: long, Region: long, SourceIP: long, UserAgent: long,
		Caller: Identity{
			IdentityType(long), long, long, long, long, long,
			&Session{Issuer: Issuer{long, long, long, long, long}, Provider: long, SourceIdentity: long}, long, long,
		},
		Account:  long,
		Request:  &iam.CreateUserRequest{UserName: long, Tags: tags},
		Response: &iam.CreateUserResponse{User: &iam.User{UserName: &long, Arn: long, UserId: long, Path: &long, Tags: tags}},
		Decision: Decision{Result: long, Statements: make([]Statement, 1000)},
		TLS:      new(tls.ConnectionState), Host: long,
	}
	for i := range r.Decision.Statements {
		r.Decision.Statements[i] = Statement{long, long}
	}
	line := r.AppendJSON(nil)
	if len(line) > MaxRecord {
		t.Errorf("%d bytes, want at most %d", len(line), MaxRecord)
	}
	var got struct {
		UserAgent           string
		RequestParameters   struct{ UserName string }
		AdditionalEventData struct{ Truncated []string }
	}
	if err := json.Unmarshal(line, &got); err != nil {
		t.Fatal(err)
	}
	if n := len(got.AdditionalEventData.Truncated); n != len(cutNames)-1 { // there is no error
		t.Errorf("truncated names %d fields, want %d", n, len(cutNames)-1)
	}
	if !strings.HasPrefix(long, got.UserAgent) || len(got.UserAgent) < maxText/6-1 {
		t.Errorf("user agent of %d bytes", len(got.UserAgent))
	}
	if n := len(got.RequestParameters.UserName); n < maxValue/6-1 {
		t.Errorf("user name of %d bytes", n)
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	r := alice()
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = r.AppendJSON(buf[:0])
	}
	b.SetBytes(int64(len(buf)))
}
