package authority_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/iamd-project/iamd/authority"
	inside "github.com/iamd-project/iamd/internal/authority"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/internal/store"
	"github.com/iamd-project/iamd/sigv4"
)

const mayRead = `{"Version":"2012-10-17","Statement":[{"Sid":"Read","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::photos/*"}]}`

func TestAllowed(t *testing.T) {
	w := newWorld(t)
	bob := w.user("bob", mayRead)
	a := w.ask(t, w.reads(t, bob, ""))
	if !a.Allowed || a.Refusal != nil {
		t.Fatalf("refused: %v", a.Refusal)
	}
	want := authority.Principal{
		Type: "User", ARN: "arn:aws:iam::123456789012:user/bob", ID: w.User("bob").ID,
		Account: "123456789012", Name: "bob", AccessKeyID: bob.AccessKeyID,
	}
	if *a.Principal != want {
		t.Errorf("principal: got %+v, want %+v", *a.Principal, want)
	}
	decisions := []authority.Decision{{Result: "Allow", Statements: []authority.Statement{{Policy: "own", Sid: "Read"}}}}
	if !reflect.DeepEqual(a.Decisions, decisions) {
		t.Errorf("decisions: got %+v, want %+v", a.Decisions, decisions)
	}
	s := a.Signature
	if s.Day != "20261122" || s.Region != "eu-west-1" || s.Service != "s3" || s.Payload != sigv4.EmptyPayload || !s.Time.Equal(w.Now) || s.SigningKey != nil {
		t.Errorf("signature: %+v", s)
	}
	if records := w.sink.take(t); len(records) > 0 {
		t.Errorf("what is allowed left records: %v", records)
	}
}

// Every refusal is in the words of S3 or of the Query services.
func TestRefusals(t *testing.T) {
	w := newWorld(t)
	bob, eve := w.user("bob", mayRead), w.user("eve", "")
	plain := func(key aws.Credentials) *authority.Question {
		return &authority.Question{
			Request: authority.Received(w.signed(t, key, "my-api", "GET", "http://api.example/pets", string(sigv4.EmptyPayload)), sigv4.EmptyPayload),
			Service: "my-api",
		}
	}
	forged := aws.Credentials{AccessKeyID: bob.AccessKeyID, SecretAccessKey: eve.SecretAccessKey}
	nobody := aws.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "x"}
	const (
		mismatch   = "The request signature we calculated does not match the signature you provided. Check your key and signing method."
		mismatchQ  = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
		notAllowed = "User: arn:aws:iam::123456789012:user/eve is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::photos/my cat.jpg because no identity-based policy allows the s3:GetObject action"
	)
	for _, c := range []struct {
		name   string
		q      *authority.Question
		change func(*authority.Question)
		want   authority.Refusal
	}{
		{"a denial", w.reads(t, eve, ""), nil, authority.Refusal{Code: "AccessDenied", Status: 403, Message: notAllowed}},
		{"another secret", w.reads(t, forged, ""), nil, authority.Refusal{Code: "SignatureDoesNotMatch", Status: 403, Message: mismatch}},
		{"another secret, not S3", plain(forged), nil, authority.Refusal{Code: "SignatureDoesNotMatch", Status: 403, Message: mismatchQ}},
		{"an unknown key", w.reads(t, nobody, ""), nil, authority.Refusal{Code: "InvalidAccessKeyId", Status: 403, Message: "The AWS access key ID that you provided does not exist in our records."}},
		{"an unknown key, not S3", plain(nobody), nil, authority.Refusal{Code: "InvalidClientTokenId", Status: 403, Message: "The security token included in the request is invalid."}},
		{"no signature", w.reads(t, bob, ""), func(q *authority.Question) { q.Request.Header.Del("Authorization") },
			authority.Refusal{Code: "AccessDenied", Status: 403, Message: "Access Denied"}},
		{"no signature, not S3", plain(bob), func(q *authority.Question) { q.Request.Header.Del("Authorization") },
			authority.Refusal{Code: "MissingAuthenticationToken", Status: 403, Message: "Missing Authentication Token"}},
		{"no payload hash", w.reads(t, bob, ""), func(q *authority.Question) { q.Request.Header.Del("X-Amz-Content-Sha256") },
			authority.Refusal{Code: "InvalidRequest", Status: 400, Message: "Missing required header for this request: x-amz-content-sha256"}},
		{"another body", w.reads(t, bob, ""), func(q *authority.Question) { q.Request.BodyHash = sigv4.HashPayload([]byte("x")) },
			authority.Refusal{Code: "XAmzContentSHA256Mismatch", Status: 400, Message: "The provided 'x-amz-content-sha256' header does not match what was computed."}},
		{"another body, not S3", plain(bob), func(q *authority.Question) { q.Request.BodyHash = sigv4.HashPayload([]byte("x")) },
			authority.Refusal{Code: "SignatureDoesNotMatch", Status: 403, Message: mismatchQ}},
		{"another path", w.reads(t, bob, ""), func(q *authority.Question) { q.Request.URL = "/photos/dog.jpg" },
			authority.Refusal{Code: "SignatureDoesNotMatch", Status: 403, Message: mismatch}},
		{"another service", w.reads(t, bob, ""), func(q *authority.Question) { q.Service = "my-api" },
			authority.Refusal{Code: "SignatureDoesNotMatch", Status: 403, Message: "Credential should be scoped to correct service: 'my-api'."}},
		{"a header that is not signed", w.reads(t, bob, ""), func(q *authority.Question) { q.Request.Header.Set("X-Amz-Acl", "public-read") },
			authority.Refusal{Code: "SignatureDoesNotMatch", Status: 403, Message: mismatch}},
		{"a token for a long-term key", w.reads(t, bob, ""), func(q *authority.Question) { q.Request.Header.Set("X-Amz-Security-Token", "x") },
			authority.Refusal{Code: "InvalidToken", Status: 400, Message: "The provided token is malformed or otherwise not valid."}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.change != nil {
				c.change(c.q)
			}
			a := w.ask(t, c.q)
			if a.Allowed || a.Refusal == nil {
				t.Fatal("it is allowed")
			}
			got := *a.Refusal
			got.Encoded = ""
			if got != c.want {
				t.Errorf("\n got %+v\nwant %+v", got, c.want)
			}
			if known := c.name == "a denial"; known != (a.Principal != nil) || known != (a.Refusal.Encoded != "") {
				t.Errorf("principal %+v, encoded message %q", a.Principal, a.Refusal.Encoded)
			}
		})
	}
	w.Now = w.Now.Add(16 * time.Minute)
	late := w.reads(t, bob, "")
	w.Now = w.Now.Add(16 * time.Minute)
	if got := w.ask(t, late).Refusal; got == nil || got.Code != "RequestTimeTooSkewed" {
		t.Errorf("signed too early: got %+v", got)
	}
}

func TestUnsignedPayload(t *testing.T) {
	w := newWorld(t)
	bob := w.user("bob", mayRead)
	q := &authority.Question{
		Request: authority.Received(w.signed(t, bob, "s3", "PUT", "http://store.example/photos/x", string(sigv4.UnsignedPayload)), ""),
		Service: "s3",
	}
	if got := w.ask(t, q).Refusal; got == nil || got.Code != "SignatureDoesNotMatch" {
		t.Errorf("not listed: got %+v", got)
	}
	q.Payloads = []sigv4.PayloadHash{sigv4.UnsignedPayload}
	if a := w.ask(t, q); !a.Allowed || a.Signature.Payload != sigv4.UnsignedPayload {
		t.Errorf("listed: got %+v", a)
	}
}

// The key that checks chunks is that of the day, region and service, and is there only
// if it was asked for.
func TestSigningKey(t *testing.T) {
	w := newWorld(t)
	bob := w.user("bob", mayRead)
	q := w.reads(t, bob, "")
	q.SigningKey = true
	want := sigv4.DeriveKey(bob.SecretAccessKey, sigv4.Scope{Day: "20261122", Region: "eu-west-1", Service: "s3"}).Bytes()
	if got := w.ask(t, q).Signature.SigningKey; !bytes.Equal(got, want[:]) {
		t.Error("it is another key")
	}
	eve := w.user("eve", "")
	q = w.reads(t, eve, "")
	q.SigningKey = true
	if got := w.ask(t, q).Signature.SigningKey; got != nil {
		t.Error("a denial came with a key")
	}
}

func TestResourcePolicy(t *testing.T) {
	w := newWorld(t)
	eve := w.user("eve", "")
	const forEve = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/eve"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::photos/*"}]}`
	if a := w.ask(t, w.reads(t, eve, forEve)); !a.Allowed {
		t.Errorf("eve: %v", a.Refusal)
	}
	everybody := strings.Replace(forEve, `{"AWS":"arn:aws:iam::123456789012:user/eve"}`, `"*"`, 1)
	q := w.reads(t, eve, everybody)
	q.Request.Header.Del("Authorization")
	q.Anonymous = true
	if a := w.ask(t, q); !a.Allowed || a.Principal != nil {
		t.Errorf("nobody: %+v", a)
	}
	q.Permissions[0].Policy = forEve
	const text = "User: anonymous is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::photos/my cat.jpg because no resource-based policy allows the s3:GetObject action"
	if got := w.ask(t, q).Refusal; got == nil || *got != (authority.Refusal{Code: "AccessDenied", Status: 403, Message: text}) {
		t.Errorf("nobody, not allowed: got %+v", got)
	}
}

func TestContext(t *testing.T) {
	w := newWorld(t)
	bob := w.user("bob", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{
		"StringLike":{"s3:prefix":"mine/*"},"IpAddress":{"aws:SourceIp":"10.0.0.0/8"},"Bool":{"aws:SecureTransport":"true"},
		"StringEquals":{"aws:ResourceTag/Team":"red","aws:RequestedRegion":"eu-west-1"}}}]}`)
	q := w.reads(t, bob, "")
	q.ClientIP, q.Secure = "10.1.2.3", true
	q.Permissions[0].Context = map[string][]string{"s3:Prefix": {"mine/a"}}
	q.Permissions[0].ResourceTags = map[string]string{"Team": "red"}
	if a := w.ask(t, q); !a.Allowed {
		t.Errorf("refused: %v", a.Refusal)
	}
	q.Secure = false
	if a := w.ask(t, q); a.Allowed {
		t.Error("allowed over plain HTTP")
	}
}

// One question may ask for several permissions; the first that is denied is told.
func TestSeveralPermissions(t *testing.T) {
	w := newWorld(t)
	bob := w.user("bob", mayRead)
	q := w.reads(t, bob, "")
	q.Permissions = append(q.Permissions,
		authority.Permission{Action: "s3:DeleteObject", Resource: "arn:aws:s3:::photos/a"},
		authority.Permission{Action: "s3:GetObject", Resource: "arn:aws:s3:::photos/b"})
	a := w.ask(t, q)
	var results []string
	for _, d := range a.Decisions {
		results = append(results, d.Result)
	}
	if want := []string{"Allow", "ImplicitDeny", "Allow"}; a.Allowed || !reflect.DeepEqual(results, want) {
		t.Errorf("allowed: %v, decisions %v, want %v", a.Allowed, results, want)
	}
	if !strings.Contains(a.Refusal.Message, "s3:DeleteObject on resource: arn:aws:s3:::photos/a ") {
		t.Errorf("refusal: %v", a.Refusal)
	}
}

// A key that is deactivated is refused at the next question, whichever way it is named.
func TestDeactivated(t *testing.T) {
	w := newWorld(t)
	bob := w.user("bob", mayRead)
	q := w.reads(t, bob, "")
	again := &authority.Question{Credential: &authority.Credential{AccessKeyID: bob.AccessKeyID}, Permissions: q.Permissions}
	for _, q := range []*authority.Question{q, again} {
		if a := w.ask(t, q); !a.Allowed || a.Principal.Name != "bob" {
			t.Fatalf("before: %+v", a)
		}
	}
	_, _, err := w.Do(w.Root(), "UpdateAccessKey", &shape.UpdateAccessKeyRequest{UserName: new("bob"), AccessKeyId: bob.AccessKeyID, Status: "Inactive"})
	if err != nil {
		t.Fatal(err)
	}
	if got := w.ask(t, q).Refusal; got == nil || got.Code != "InvalidAccessKeyId" {
		t.Errorf("the request: got %v", got)
	}
	if got := w.ask(t, again).Refusal; got == nil || got.Code != "InvalidClientTokenId" {
		t.Errorf("the credential: got %v", got)
	}
}

func TestLastUsed(t *testing.T) {
	w := newWorld(t)
	bob := w.user("bob", mayRead)
	w.ask(t, w.reads(t, bob, ""))
	if err := w.usage.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := w.Store.View(t.Context(), func(r store.Reader) error {
		used, err := directory.GetLastUsed(r, ids.KeyID(bob.AccessKeyID))
		if err != nil || used.Service != "s3" || used.Region != "eu-west-1" {
			t.Errorf("last used: %+v", used)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestEncodedMessage(t *testing.T) {
	w := newWorld(t)
	eve := w.user("eve", `{"Version":"2012-10-17","Statement":[{"Sid":"Never","Effect":"Deny","Action":"s3:*","Resource":"*"}]}`)
	q := w.reads(t, eve, "")
	q.ClientIP = "192.0.2.1"
	q.Permissions[0].Context = map[string][]string{"s3:prefix": {"a"}}
	encoded := w.ask(t, q).Refusal.Encoded
	text, ok := directory.OpenMessage(w.Keyring, optest.Account, encoded)
	if !ok {
		t.Fatalf("it does not open: %q", encoded)
	}
	want := `{"allowed":false,"explicitDeny":true,"matchedStatements":{"items":[{"statementId":"Never","effect":"DENY","policy":"own"}]},` +
		`"failures":{"items":[{"type":"identity-based policy"}]},"context":{"principal":{"id":"` + w.User("eve").ID + `","name":"eve","arn":"arn:aws:iam::123456789012:user/eve"},` +
		`"action":"s3:GetObject","resource":"arn:aws:s3:::photos/my cat.jpg","conditions":{"items":[{"key":"s3:prefix","values":{"items":[{"value":"a"}]}},` +
		`{"key":"aws:principalarn","values":{"items":[{"value":"arn:aws:iam::123456789012:user/eve"}]}},{"key":"aws:principaltype","values":{"items":[{"value":"User"}]}},` +
		`{"key":"aws:requestedregion","values":{"items":[{"value":"eu-west-1"}]}},{"key":"aws:resourceaccount","values":{"items":[{"value":"123456789012"}]}},` +
		`{"key":"aws:securetransport","values":{"items":[{"value":"false"}]}},{"key":"aws:sourceip","values":{"items":[{"value":"192.0.2.1"}]}},` +
		`{"key":"aws:userid","values":{"items":[{"value":"` + w.User("eve").ID + `"}]}}]}}}`
	if text != want {
		t.Errorf("\n got %s\nwant %s", text, want)
	}
	q.Permissions[0].Context["s3:long"] = []string{strings.Repeat("<", 2<<10)}
	q.Permissions[0].Resource = "arn:aws:s3:::" + strings.Repeat("é", 1000)
	if encoded := w.ask(t, q).Refusal.Encoded; encoded == "" || len(encoded) > 10240 {
		t.Errorf("a long one has %d characters", len(encoded))
	}
}

func TestRecords(t *testing.T) {
	w := newWorld(t)
	bob, eve := w.user("bob", mayRead), w.user("eve", "")
	w.ask(t, w.reads(t, eve, ""))
	records := w.sink.take(t)
	if len(records) != 1 {
		t.Fatalf("%d records of a denial", len(records))
	}
	r := records[0]
	for name, want := range map[string]any{
		"eventSource": "s3.amazonaws.com", "eventName": "GetObject", "errorCode": "AccessDenied", "awsRegion": "eu-west-1", "readOnly": true,
		"managementEvent": false, "eventCategory": "Data", "recipientAccountId": "123456789012",
		"requestParameters":   map[string]any{"resource": "arn:aws:s3:::photos/my cat.jpg", "method": "GET", "host": "store.example", "path": "/photos/my cat.jpg"},
		"additionalEventData": map[string]any{"decision": "ImplicitDeny"},
	} {
		if !reflect.DeepEqual(r[name], want) {
			t.Errorf("%s: got %v, want %v", name, r[name], want)
		}
	}
	if who := r["userIdentity"].(map[string]any); who["type"] != "IAMUser" || who["userName"] != "eve" {
		t.Errorf("identity: %v", who)
	}

	q := w.reads(t, bob, "")
	q.Request.URL += "?secret=" + bob.SecretAccessKey
	w.ask(t, q)
	text, err := json.Marshal(w.sink.take(t))
	if err != nil || !strings.Contains(string(text), `"type":"Unknown"`) || strings.Contains(string(text), bob.SecretAccessKey) || strings.Contains(string(text), "cat.jpg") {
		t.Errorf("the record of a bad signature: %s", text)
	}

	w.server.RecordAllowed = true
	w.ask(t, w.reads(t, bob, ""))
	if records := w.sink.take(t); len(records) != 1 || records[0]["errorCode"] != nil {
		t.Errorf("records of what is allowed: %v", records)
	}

	w.sink.full = true // no record, no answer
	_, err = w.client().Ask(t.Context(), w.reads(t, eve, ""))
	if e, ok := errors.AsType[*authority.Unanswered](err); !ok || e.Status != 500 {
		t.Errorf("with a full sink: %v", err)
	}
}

func TestBadQuestions(t *testing.T) {
	w := newWorld(t)
	for body, want := range map[string]string{
		``:               "The question is not what JSON has for one: EOF.",
		`{}`:             "A question has either a request or a credential.",
		`{} {}`:          "Something follows the question.",
		`{"action":"x"}`: `The question is not what JSON has for one: json: unknown field "action".`,
		`{"request":{}}`: "A request has a method and a host.",
		`{"request":{"method":"GET","host":"h","url":"http://h/"}}`:                                                          "The URL of a request is its target, beginning with a slash, of at most 65536 bytes.",
		`{"request":{"method":"GET","host":"h","url":"/%"}}`:                                                                 "The URL of the request cannot be read.",
		`{"request":{"method":"GET","host":"h","url":"/","bodyHash":"x"}}`:                                                   "A bodyHash is the SHA-256 of the body in 64 lower-case hexadecimal digits.",
		`{"request":{"method":"GET","host":"h","url":"/","header":{"a":["b"],"A":["c"]}}}`:                                   "The header ",
		`{"credential":{"accessKeyId":"A"},"signingKey":true}`:                                                               "There is a signing key for a request, and not for a credential.",
		`{"credential":{"accessKeyId":"A"},"payloads":["x"]}`:                                                                `"x" is not a marker that can stand for a payload hash.`,
		`{"credential":{"accessKeyId":"A"},"clientIp":"x"}`:                                                                  "The clientIp is not an address.",
		`{"credential":{"accessKeyId":"A"},"permissions":[{"action":"s3:*","resource":"*"}]}`:                                `The action "s3:*" is not one: service:Name.`,
		`{"credential":{"accessKeyId":"A"},"permissions":[{"action":"s3:X","resource":"x"}]}`:                                "The resource is neither an ARN nor *: arn: arn does not start with arn:.",
		`{"credential":{"accessKeyId":"A"},"permissions":[{"action":"s3:X","resource":"*","account":"1"}]}`:                  "The account is not one of 12 digits.",
		`{"credential":{"accessKeyId":"A"},"permissions":[{"action":"s3:X","resource":"*","policy":"{}"}]}`:                  "The resource's policy is not one: ",
		`{"credential":{"accessKeyId":"A"},"permissions":[{"action":"s3:X","resource":"*","context":{"aws:userid":["x"]}}]}`: `The condition key "aws:userid" is not the asker's to set.`,
		`{"credential":{"accessKeyId":"A"},"permissions":[{"action":"s3:X","resource":"*","context":{"x":[]}}]}`:             `The condition key "x" is not one, or is there twice.`,
		strings.Repeat(" ", authority.MaxQuestion+1):                                                                         "The question is too large.",
	} {
		status, got := w.post(t, "/v1/ask", body, map[string]string{"Authorization": "Bearer " + token})
		if status != 400 && status != 413 || !strings.Contains(got, want) && !strings.Contains(unquoted(got), want) {
			t.Errorf("%.120s\n got %d %s\nwant %s", body, status, got, want)
		}
	}
}

func unquoted(text string) string {
	var said struct{ Error string }
	_ = json.Unmarshal([]byte(text), &said) // the test compares what is there
	return said.Error
}

func TestDoor(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		header map[string]string
		status int
	}{
		"nothing":               {nil, 401},
		"another token":         {map[string]string{"Authorization": "Bearer another-token-of-some"}, 401},
		"the token":             {map[string]string{"Authorization": "Bearer " + token}, 400},
		"a proxy's token":       {map[string]string{inside.TokenHeader: token, "Authorization": "AWS4-HMAC-SHA256 …"}, 400},
		"a proxy's other token": {map[string]string{inside.TokenHeader: "x", "Authorization": "Bearer " + token}, 401},
	} {
		for _, path := range []string{"/v1/ask", "/v1/nginx/x", "/v1/envoy/x", "/"} {
			status, _ := w.post(t, path, "{}", c.header)
			if (status == 401) != (c.status == 401) {
				t.Errorf("%s at %s: status %d", name, path, status)
			}
		}
	}
	if (&inside.Door{}).Certificate {
		t.Error("the zero door asks for something")
	}
	for text, want := range map[string]string{
		"":                             "there is no token",
		"short":                        "a token is one word of at least 16 characters",
		"two words of many characters": "a token is one word of at least 16 characters",
		strings.Repeat(token+"\n", 9):  "there are more than 8 tokens",
	} {
		if _, err := inside.ParseTokens(text); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

func (w *world) post(t *testing.T, path, body string, header map[string]string) (status int, text string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(got)
}
