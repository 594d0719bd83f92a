package sigv4

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

func reason(err error) Reason {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Reason
	}
	return 0
}

const (
	iamBody  = "Action=CreateAccessKey&UserName=some.user%40example.com&Version=2010-05-08"
	goodAuth = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=host;x-amz-date, Signature=00"
)

// received is a typical signed IAM request, as a server gets it.
func received(t testing.TB, now time.Time) *http.Request {
	r, err := http.NewRequest("POST", "http://127.0.0.1:4566/", strings.NewReader(iamBody))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	s := Signer{Credentials: suiteKey, Region: "us-east-1", Service: "iam"}
	if err := s.Sign(r, HashPayload([]byte(iamBody)), now); err != nil {
		t.Fatal(err)
	}
	r.Header.Set("User-Agent", "aws-cli/2.x")
	r.Header.Set("Accept-Encoding", "identity")
	return r
}

// TestRefusals has the exact text of each refusal. Where AWS's own goes on with
// the Authorization header or the credential, ours does not.
func TestRefusals(t *testing.T) {
	header := func(name string, values ...string) func(*http.Request) {
		return func(r *http.Request) {
			if r.Header[name] = values; values == nil {
				delete(r.Header, name)
			}
		}
	}
	auth := func(old, with string) func(*http.Request) {
		return header("Authorization", strings.Replace(goodAuth, old, with, 1))
	}
	query := func(q string) func(*http.Request) {
		return func(r *http.Request) { delete(r.Header, "Authorization"); r.URL.RawQuery = q }
	}
	presigned := func(old, with string) func(*http.Request) {
		const good = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fiam%2Faws4_request" +
			"&X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders=host;x-amz-date&X-Amz-Expires=60&X-Amz-Signature=00"
		return query(strings.Replace(good, old, with, 1))
	}
	const expired = "Signature expired: 20150830T122059Z is now earlier than 20150830T122100Z (20150830T123600Z - 15 min.)"
	rules := Verifier{Service: "iam"}
	s3 := Verifier{Service: "iam", S3: true, Payloads: AllowUnsigned}
	for _, test := range []struct {
		name   string
		rules  *Verifier
		change func(*http.Request)
		reason Reason
		text   string
	}{
		{"nothing", &rules, header("Authorization"), Missing, "Missing Authentication Token"},
		{"other scheme", &rules, header("Authorization", "Bearer abc"), Missing, "Missing Authentication Token"},
		{"two headers", &rules, header("Authorization", goodAuth, goodAuth), Incomplete, "Request has more than one Authorization header."},
		{"header and query", &rules, func(r *http.Request) { r.URL.RawQuery = "X-Amz-Algorithm=x" }, Mismatch,
			"Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."},
		{"signature version 2", &rules, header("Authorization", "AWS AKIDEXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg="), Incomplete,
			"Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter."},
		{"other algorithm", &rules, auth("SHA256", "SHA512"), Incomplete, "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA512'."},
		{"secret as algorithm", &rules, auth("AWS4-HMAC-SHA256", "AWS4wJalrXUtnFEMI/K7MDENG"), Incomplete, "Unsupported AWS 'algorithm'."},
		{"no fields, no date", &rules, func(r *http.Request) {
			r.Header = http.Header{"Authorization": {"AWS4-HMAC-SHA256 Foo=Bar"}}
		}, Incomplete, "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. " +
			"Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."},
		{"no signature", &rules, auth(", Signature=00", ""), Incomplete, "Authorization header requires 'Signature' parameter."},
		{"no equal sign", &rules, auth("Credential=", "Credential= "), Incomplete,
			"Authorization header has a part that is not a valid key=value pair (missing equal-sign)."},
		{"field twice", &rules, auth("Signature=00", "Signature=00, Signature=00"), Incomplete, "Authorization header has more than one 'Signature' parameter."},
		{"two dates", &rules, header("X-Amz-Date", "20150830T123600Z", "20150830T123600Z"), Incomplete, "Request must have one 'X-Amz-Date' or one 'Date' header."},
		{"bad date", &rules, header("X-Amz-Date", "2015/08/30T12/36/00Z"), Incomplete,
			"Date must be in ISO-8601 'basic format'. Got '2015/08/30T12/36/00Z'. See http://en.wikipedia.org/wiki/ISO_8601"},
		{"31 February", &rules, header("X-Amz-Date", "20150231T123600Z"), Incomplete,
			"Date must be in ISO-8601 'basic format'. Got '20150231T123600Z'. See http://en.wikipedia.org/wiki/ISO_8601"},
		{"short credential", &rules, auth("/iam", ""), Incomplete, "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term"},
		{"long credential", &rules, auth("/iam", "/iam/iam"), Incomplete, "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term"},
		{"line break in credential", &rules, presigned("%2Fiam", "%2Fi%0Am"), Incomplete, "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term"},
		{"upper-case header", &rules, auth("host;", "Host;"), Unsigned, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."},
		{"other upper-case header", &rules, auth("host;", "Content-Type;host;"), Mismatch, errMismatch.Message},
		{"line break in signed headers", &rules, presigned("host;", "a%0A;host;"), Mismatch, errMismatch.Message},
		{"unsorted headers", &rules, auth("host;x-amz-date", "x-amz-date;host"), Incomplete, "SignedHeaders must be names of headers in lower case, sorted, each once, separated by ';'."},
		{"header twice", &rules, auth("host;", "host;host;"), Incomplete, "SignedHeaders must be names of headers in lower case, sorted, each once, separated by ';'."},
		{"two tokens", &rules, header("X-Amz-Security-Token", "a", "b"), Incomplete, "Request has more than one X-Amz-Security-Token header."},
		{"host not signed", &rules, auth("host;", ""), Unsigned, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."},
		{"no header signed", &rules, auth("host;x-amz-date", ""), Unsigned, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."},
		{"date not signed", &rules, auth(";x-amz-date", ""), Unsigned, "'x-amz-date' must be a 'SignedHeader' in the AWS Authorization."},
		{"target not signed", &rules, header("X-Amz-Target", "Delete"), Unsigned, "'x-amz-target' must be a 'SignedHeader' in the AWS Authorization."},
		{"token not signed, S3", &s3, header("X-Amz-Security-Token", "a"), Unsigned, "'x-amz-security-token' must be a 'SignedHeader' in the AWS Authorization."},
		{"expired", &rules, header("X-Amz-Date", "20150830T122059Z"), Expired, expired},
		{"not yet current", &rules, header("X-Amz-Date", "20150830T125101Z"), NotYetCurrent,
			"Signature not yet current: 20150830T125101Z is still later than 20150830T125100Z (20150830T123600Z + 15 min.)"},
		{"presigned, expired", &rules, presigned("T123600Z", "T122059Z"), Expired, expired},
		{"presigned, S3, expired", &s3, presigned("T123600Z", "T123459Z"), Expired, "Request has expired"},
		{"presigned, S3, no expiry", &s3, presigned("&X-Amz-Expires=60", ""), Incomplete, "Query-string authentication version 4 requires the X-Amz-Algorithm, " +
			"X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."},
		{"scope of another day", &rules, auth("20150830", "20150831"), BadScope,
			"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20150831' != '20150830', from '20150830T123600Z'."},
		{"everything wrong with the scope", &rules, auth("20150830/us-east-1/iam/aws4_request", "b/c/d/e"), BadScope,
			"Credential should be scoped to correct service: 'iam'. Credential should be scoped with a valid terminator: 'aws4_request', not 'e'. " +
				"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: 'b' != '20150830', from '20150830T123600Z'."},
		{"marker not allowed", &rules, header("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"), Unsigned, "'x-amz-content-sha256' must be a 'SignedHeader' in the AWS Authorization."},
		{"wrong signature", &rules, auth("", ""), Mismatch, errMismatch.Message},
		{"signed header absent", &rules, auth("host;", "absent;host;"), Mismatch, errMismatch.Message},
		{"bad escape in query", &rules, func(r *http.Request) { r.URL.RawQuery = "a=%zz" }, Incomplete, "Illegal hex character in escape % pattern: %"},
		{"cut escape in query", &rules, func(r *http.Request) { r.URL.RawQuery = "a=%2" }, Incomplete, "Incomplete trailing escape % sequence"},

		{"empty query", &rules, query("X-Amz-Algorithm"), Incomplete, "AWS query-string parameters must include 'X-Amz-Algorithm'. " +
			"AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must include 'X-Amz-Signature'. " +
			"AWS query-string parameters must include 'X-Amz-SignedHeaders'. AWS query-string parameters must include 'X-Amz-Date'. Re-examine the query-string parameters."},
		{"parameter twice", &rules, presigned("&X-Amz-Date", "&X-Amz-Signature=11&X-Amz-Date"), Incomplete,
			"AWS query-string parameters must include 'X-Amz-Signature' once. Re-examine the query-string parameters."},
		{"parameter twice, in disguise", &rules, presigned("&X-Amz-Date", "&X-Amz-Signatur%65=11&X-Amz-Date"), Incomplete,
			"AWS query-string parameters must include 'X-Amz-Signature' once. Re-examine the query-string parameters."},
		{"presigned, other algorithm", &rules, presigned("HMAC-SHA256", "ECDSA-P256-SHA256"), Incomplete, "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'."},
		{"expires in words", &rules, presigned("=60", "=soon"), Incomplete, "X-Amz-Expires should be a number"},
		{"expires at once", &rules, presigned("=60", "=0"), Incomplete, "X-Amz-Expires must be positive"},
		{"expires late", &rules, presigned("=60", "=604801"), Incomplete,
			"X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds"},
		{"presigned by HTTP date", &rules, presigned("20150830T123600Z", "Sun, 30 Aug 2015 12:36:00 GMT"), Incomplete,
			"Date must be in ISO-8601 'basic format'. Got 'Sun, 30 Aug 2015 12:36:00 GMT'. See http://en.wikipedia.org/wiki/ISO_8601"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := received(t, suiteTime)
			r.Header.Set("Authorization", goodAuth)
			test.change(r)
			c, err := Parse(r)
			if err == nil {
				err = test.rules.Verify(&c, DeriveKey(suiteKey.SecretAccessKey, c.Scope), HashPayload([]byte(iamBody)), suiteTime)
			}
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Reason != test.reason || e.Message != test.text {
				t.Errorf("got  %v\nwant %v: %s", err, test.reason, test.text)
			}
		})
	}
}

// Every part of a request that a signature covers is changed in turn.
func TestTampering(t *testing.T) {
	now := suiteTime
	rules := Verifier{Service: "iam"}
	verify := func(r *http.Request, body string) error {
		c, err := Parse(r)
		if err != nil {
			return err
		}
		return rules.Verify(&c, DeriveKey(suiteKey.SecretAccessKey, c.Scope), HashPayload([]byte(body)), now)
	}
	if err := verify(received(t, now), iamBody); err != nil {
		t.Fatal(err)
	}
	auth := func(old, with string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header["Authorization"][0] = strings.Replace(r.Header["Authorization"][0], old, with, 1)
		}
	}
	for name, change := range map[string]func(*http.Request){
		"method":            func(r *http.Request) { r.Method = "PUT" },
		"method case":       func(r *http.Request) { r.Method = "post" },
		"path":              func(r *http.Request) { r.URL.Path = "/x" },
		"asterisk":          func(r *http.Request) { r.URL.Path = "*" },
		"opaque URL":        func(r *http.Request) { r.URL.Path, r.URL.Opaque = "", "x" },
		"query":             func(r *http.Request) { r.URL.RawQuery = "a" },
		"host":              func(r *http.Request) { r.Host = "127.0.0.1:4567" },
		"host without port": func(r *http.Request) { r.Host = "127.0.0.1" },
		"content type":      func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") },
		"content type gone": func(r *http.Request) { r.Header.Del("Content-Type") },
		"content type more": func(r *http.Request) { r.Header.Add("Content-Type", "text/plain") },
		"content length":    func(r *http.Request) { r.ContentLength++ },
		"chunked":           func(r *http.Request) { r.ContentLength = -1 },
		"date":              func(r *http.Request) { r.Header.Set("X-Amz-Date", "20150830T123601Z") },
		"region":            auth("us-east-1", "us-east-2"),
		"service":           auth("/iam/", "/sts/"),
		"signed headers":    auth("content-length;", ""),
		"signature short": func(r *http.Request) {
			r.Header["Authorization"][0] = strings.TrimRight(r.Header["Authorization"][0], "0123456789abcdef") + "00"
		},
		"signature case": func(r *http.Request) {
			a, sig, _ := strings.Cut(r.Header["Authorization"][0], "Signature=")
			r.Header["Authorization"][0] = a + "Signature=" + strings.ToUpper(sig)
		},
	} {
		r := received(t, now)
		change(r)
		if err := verify(r, iamBody); err == nil {
			t.Errorf("%s was changed and nobody noticed", name)
		}
	}
	if err := verify(received(t, now), iamBody+"x"); reason(err) != Mismatch {
		t.Errorf("another body: %v", err)
	}
	c, err := Parse(received(t, now))
	if err != nil {
		t.Fatal(err)
	}
	if err := rules.Verify(&c, DeriveKey("other", c.Scope), HashPayload([]byte(iamBody)), now); reason(err) != Mismatch {
		t.Errorf("another key: %v", err)
	}
	for i := range len(c.signature) {
		d := c
		d.signature = c.signature[:i] + string(c.signature[i]^1) + c.signature[i+1:]
		if err := rules.Verify(&d, DeriveKey(suiteKey.SecretAccessKey, c.Scope), HashPayload([]byte(iamBody)), now); reason(err) != Mismatch {
			t.Errorf("digit %d of the signature changed: %v", i, err)
		}
	}
}
