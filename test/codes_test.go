package test

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

const (
	whoAmI   = "Action=GetCallerIdentity&Version=2011-06-15"
	allUsers = "Action=ListUsers&Version=2010-05-08"

	mismatch = "The request signature we calculated does not match the signature you provided. " +
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
	badKey = "The security token included in the request is invalid."
)

// A request that is not signed as it should be gets AWS's code and words.
func TestSignatureRefusals(t *testing.T) {
	t.Parallel()
	s := start(t)
	root := s.root(t)
	inactive, deleted := s.inactiveKey(t), s.deletedKey(t)
	now := time.Now()
	minutes := func(n int) time.Time { return now.Add(time.Duration(n) * time.Minute) }
	today := now.UTC().Format("20060102")

	// signed is a good request, and then changed.
	signed := func(change func(*http.Request)) *http.Request {
		r := sign(t, s.form(t, whoAmI), root, "sts", now)
		change(r)
		return r
	}
	// authorized is one with another Authorization header.
	authorized := func(header string) *http.Request {
		return signed(func(r *http.Request) { r.Header.Set("Authorization", header) })
	}
	// edited is one with a part of its Authorization header replaced.
	edited := func(old, new string) *http.Request {
		return signed(func(r *http.Request) {
			was := r.Header.Get("Authorization")
			r.Header.Set("Authorization", strings.Replace(was, old, new, 1))
			if !strings.Contains(was, old) {
				t.Errorf("the Authorization header has no %q", old)
			}
		})
	}
	// presigned is a good URL, and then changed.
	presigned := func(at time.Time, expires, old, new string) *http.Request {
		r := presign(t, s.request(t, "GET", "/?"+whoAmI+"&X-Amz-Expires="+expires, "", ""), root, "sts", at)
		r.URL.RawQuery = strings.Replace(r.URL.RawQuery, old, new, 1)
		return r
	}

	unsigned := s.form(t, whoAmI)
	unsigned.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")
	signHash(t, unsigned, root, "sts", "UNSIGNED-PAYLOAD", now)
	hashed := s.form(t, whoAmI)
	hashed.Header.Set("X-Amz-Content-Sha256", bodyHash(t, hashed))
	sign(t, hashed, root, "sts", now)
	setBody(hashed, strings.ToUpper(whoAmI))

	for _, test := range []struct {
		name    string
		request *http.Request
		want    refusal // <t> stands for any time
	}{
		{"unknown key", sign(t, s.form(t, whoAmI), key{ID: "AKIAIOSFODNN7EXAMPLE", Secret: root.Secret}, "sts", now),
			refusal{403, "InvalidClientTokenId", badKey}},
		{"unknown key, IAM", sign(t, s.form(t, allUsers), key{ID: "AKIAIOSFODNN7EXAMPLE", Secret: root.Secret}, "iam", now),
			refusal{403, "InvalidClientTokenId", badKey}},
		{"endless key ID", sign(t, s.form(t, whoAmI), key{ID: strings.Repeat("A", 1000), Secret: "x"}, "sts", now),
			refusal{403, "InvalidClientTokenId", badKey}},
		{"inactive key", sign(t, s.form(t, whoAmI), inactive, "sts", now),
			refusal{403, "InvalidClientTokenId", badKey}},
		{"inactive key, IAM", sign(t, s.form(t, allUsers), inactive, "iam", now),
			refusal{403, "InvalidClientTokenId", badKey}},
		{"deleted key", sign(t, s.form(t, whoAmI), deleted, "sts", now),
			refusal{403, "InvalidClientTokenId", badKey}},
		{"session token on a long-term key", sign(t, s.form(t, whoAmI), key{root.ID, root.Secret, "token"}, "sts", now),
			refusal{403, "InvalidClientTokenId", badKey}},
		{"wrong secret", sign(t, s.form(t, whoAmI), key{ID: root.ID, Secret: root.Secret + "x"}, "sts", now),
			refusal{403, "SignatureDoesNotMatch", mismatch}},

		{"tampered body", signed(func(r *http.Request) { setBody(r, strings.ToUpper(whoAmI)) }),
			refusal{403, "SignatureDoesNotMatch", mismatch}},
		{"tampered header", signed(func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }),
			refusal{403, "SignatureDoesNotMatch", mismatch}},
		{"tampered path", signed(func(r *http.Request) { r.URL.Path = "/x" }),
			refusal{403, "SignatureDoesNotMatch", mismatch}},
		{"tampered query", signed(func(r *http.Request) { r.URL.RawQuery = "Action=ListUsers" }),
			refusal{403, "SignatureDoesNotMatch", mismatch}},
		{"tampered method", signed(func(r *http.Request) { r.Method = "PUT" }),
			refusal{403, "SignatureDoesNotMatch", mismatch}},
		{"tampered host", signed(func(r *http.Request) { r.Host = "iam.example.com" }),
			refusal{403, "SignatureDoesNotMatch", mismatch}},
		{"another region", edited("us-east-1", "us-west-2"),
			refusal{403, "SignatureDoesNotMatch", mismatch}},
		{"an X-Amz header added", signed(func(r *http.Request) { r.Header.Set("X-Amz-Target", "secretsmanager.ListSecrets") }),
			refusal{403, "SignatureDoesNotMatch", "'x-amz-target' must be a 'SignedHeader' in the AWS Authorization."}},
		{"host not signed", edited(";host", ""),
			refusal{403, "SignatureDoesNotMatch", "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."}},
		{"payload not signed", unsigned,
			refusal{403, "SignatureDoesNotMatch", "This service needs the SHA-256 of the body in x-amz-content-sha256."}},
		{"tampered body behind a signed hash", hashed,
			refusal{403, "SignatureDoesNotMatch", "The provided 'x-amz-content-sha256' header does not match what was computed."}},

		{"stale date", sign(t, s.form(t, whoAmI), root, "sts", minutes(-16)),
			refusal{403, "SignatureDoesNotMatch", "Signature expired: <t> is now earlier than <t> (<t> - 15 min.)"}},
		{"date in the future", sign(t, s.form(t, whoAmI), root, "sts", minutes(17)),
			refusal{403, "SignatureDoesNotMatch", "Signature not yet current: <t> is still later than <t> (<t> + 15 min.)"}},
		{"date and scope differ", edited("/"+today+"/", "/20200101/"),
			refusal{403, "SignatureDoesNotMatch", "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20200101' != '" + today + "', from '<t>'."}},
		{"wrong end of the scope", edited("aws4_request", "aws5_request"),
			refusal{403, "SignatureDoesNotMatch", "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'."}},

		{"no signature", s.form(t, whoAmI),
			refusal{403, "MissingAuthenticationToken", "Missing Authentication Token"}},
		{"no signature, IAM", s.form(t, allUsers),
			refusal{403, "MissingAuthenticationToken", "Missing Authentication Token"}},
		{"no signature and nothing else", s.request(t, "GET", "/", "", ""),
			refusal{403, "MissingAuthenticationToken", "Missing Authentication Token"}},
		{"another scheme", authorized("Bearer abc"),
			refusal{403, "MissingAuthenticationToken", "Missing Authentication Token"}},

		{"algorithm and nothing else", authorized("AWS4-HMAC-SHA256"),
			refusal{400, "IncompleteSignature", "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter."}},
		{"no Signature", edited("Signature=", "Unknown="),
			refusal{400, "IncompleteSignature", "Authorization header requires 'Signature' parameter."}},
		{"no date", signed(func(r *http.Request) { r.Header.Del("X-Amz-Date") }),
			refusal{400, "IncompleteSignature", "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."}},
		{"a date that is none", signed(func(r *http.Request) { r.Header.Set("X-Amz-Date", "yesterday") }),
			refusal{400, "IncompleteSignature", "Date must be in ISO-8601 'basic format'. Got 'yesterday'. See http://en.wikipedia.org/wiki/ISO_8601"}},
		{"short Credential", edited("/us-east-1", ""),
			refusal{400, "IncompleteSignature", "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term"}},
		{"no equal sign", edited("Signature=", "Signature:"),
			refusal{400, "IncompleteSignature", "Authorization header has a part that is not a valid key=value pair (missing equal-sign)."}},
		{"two Credentials", edited("SignedHeaders=", "Credential="),
			refusal{400, "IncompleteSignature", "Authorization header has more than one 'Credential' parameter."}},
		{"SignedHeaders out of order", edited("SignedHeaders=", "SignedHeaders=z;"),
			refusal{400, "IncompleteSignature", "SignedHeaders must be names of headers in lower case, sorted, each once, separated by ';'."}},
		{"unknown algorithm", edited("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512"),
			refusal{400, "IncompleteSignature", "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA512'."}},
		{"signature version 2", authorized("AWS " + root.ID + ":c2lnbmF0dXJl"),
			refusal{400, "IncompleteSignature", "Authorization header has a part that is not a valid key=value pair (missing equal-sign)."}},
		{"two Authorization headers", signed(func(r *http.Request) { r.Header.Add("Authorization", r.Header.Get("Authorization")) }),
			refusal{400, "IncompleteSignature", "Request has more than one Authorization header."}},

		{"presigned, too late", presigned(minutes(-61), "3600", "", ""),
			refusal{403, "SignatureDoesNotMatch", "Signature expired: <t> is now earlier than <t> (<t> - 60 min.)"}},
		{"presigned, too early", presigned(minutes(17), "3600", "", ""),
			refusal{403, "SignatureDoesNotMatch", "Signature not yet current: <t> is still later than <t> (<t> + 15 min.)"}},
		{"presigned for longer than a week", presigned(now, "604801", "", ""),
			refusal{400, "IncompleteSignature", "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds"}},
		{"presigned, tampered action", presigned(now, "60", "GetCallerIdentity", "GetSessionToken"),
			refusal{403, "SignatureDoesNotMatch", mismatch}},
		{"presigned, tampered expiry", presigned(now, "60", "X-Amz-Expires=60", "X-Amz-Expires=61"),
			refusal{403, "SignatureDoesNotMatch", mismatch}},
		{"presigned, no signature", presigned(now, "60", "X-Amz-Signature", "X-Amz-Sign"),
			refusal{400, "IncompleteSignature", "AWS query-string parameters must include 'X-Amz-Signature'. Re-examine the query-string parameters."}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := withoutTimes(s.send(t, test.request).xmlRefusal(t)); got != test.want {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
		})
	}
}

// What is signed as it should be works, in all the ways that clients sign.
func TestSignaturesAccepted(t *testing.T) {
	t.Parallel()
	s := start(t)
	root := s.root(t)
	now := time.Now()
	get := func(query string) *http.Request { return s.request(t, "GET", "/?"+query, "", "") }
	for _, test := range []struct {
		name    string
		request *http.Request
	}{
		{"POST", sign(t, s.form(t, whoAmI), root, "sts", now)},
		{"GET with a signed query", sign(t, get(whoAmI), root, "sts", now)},
		{"POST with its parameters in the URL", sign(t, s.request(t, "POST", "/?"+whoAmI, "", ""), root, "sts", now)},
		{"clock 14 minutes behind", sign(t, s.form(t, whoAmI), root, "sts", now.Add(-14*time.Minute))},
		{"clock 14 minutes ahead", sign(t, s.form(t, whoAmI), root, "sts", now.Add(14*time.Minute))},
		{"presigned", presign(t, get(whoAmI+"&X-Amz-Expires=60"), root, "sts", now)},
		{"presigned an hour ago, for two", presign(t, get(whoAmI+"&X-Amz-Expires=7200"), root, "sts", now.Add(-time.Hour))},
		{"presigned for a minute, five ago: as AWS's STS", presign(t, get(whoAmI+"&X-Amz-Expires=60"), root, "sts", now.Add(-5*time.Minute))},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := s.send(t, test.request)
			var identity struct {
				XMLName   xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ GetCallerIdentityResponse"`
				Arn       string   `xml:"GetCallerIdentityResult>Arn"`
				RequestID string   `xml:"ResponseMetadata>RequestId"`
			}
			if err := xml.Unmarshal([]byte(got.body), &identity); err != nil || got.status != http.StatusOK {
				t.Fatalf("status %d, %v:\n%s", got.status, err, got.body)
			}
			if want := "arn:aws:iam::123456789012:root"; identity.Arn != want {
				t.Errorf("ARN: got %s, want %s", identity.Arn, want)
			}
			if want := got.header.Get("X-Amzn-Requestid"); identity.RequestID != want || want == "" {
				t.Errorf("request ID: %q in the body, %q in the header", identity.RequestID, want)
			}
			if ct := got.header.Get("Content-Type"); ct != "text/xml" {
				t.Errorf("content type: got %q, want text/xml", ct)
			}
		})
	}
}

// A request that is signed and asks for what cannot be, in the Query protocol.
func TestQueryRefusals(t *testing.T) {
	t.Parallel()
	s := start(t)
	root := s.root(t)
	now := time.Now()
	post := func(service, body string) *http.Request { return sign(t, s.form(t, body), root, service, now) }
	typed := func(method, contentType, body string) *http.Request {
		return sign(t, s.request(t, method, "/", contentType, body), root, "iam", now)
	}
	const v, form = "&Version=2010-05-08", "application/x-www-form-urlencoded"

	for _, test := range []struct {
		name    string
		request *http.Request
		want    refusal
	}{
		{"wrong action", post("iam", "Action=MakeCoffee"+v),
			refusal{400, "InvalidAction", "Could not find operation MakeCoffee for version 2010-05-08"}},
		{"no action", post("iam", "Version=2010-05-08"),
			refusal{400, "MissingAction", "The request must contain the parameter Action."}},
		{"nothing", post("iam", ""),
			refusal{400, "MissingAction", "The request must contain the parameter Action."}},
		{"wrong version", post("iam", "Action=ListUsers&Version=2000-01-01"),
			refusal{400, "InvalidAction", "Could not find operation ListUsers for version 2000-01-01"}},
		{"no version", post("iam", "Action=ListUsers"),
			refusal{400, "InvalidAction", "Could not find operation ListUsers for version NO_VERSION_SPECIFIED"}},
		{"scope of another service", post("sts", allUsers),
			refusal{400, "InvalidAction", "Could not find operation ListUsers for version 2010-05-08"}},
		{"scope of a service that is not served", post("ec2", allUsers),
			refusal{400, "InvalidAction", "iamd does not serve the service that this request is for."}},

		{"JSON", typed("POST", "application/json", `{"Action":"ListUsers"}`),
			refusal{400, "MalformedInput", "The content type of the request must be application/x-www-form-urlencoded."}},
		{"PUT", typed("PUT", form, allUsers),
			refusal{400, "MalformedInput", "The request method must be GET or POST."}},
		{"bad percent escape", post("iam", "Action=GetUser&UserName=%zz"+v),
			refusal{400, "MalformedInput", "The request has an invalid percent escape."}},
		{"cut percent escape", post("iam", "Action=GetUser"+v+"&UserName=%4"),
			refusal{400, "MalformedInput", "The request has an invalid percent escape."}},
		{"not UTF-8", post("iam", "Action=GetUser&UserName=%ff"+v),
			refusal{400, "MalformedInput", "The request is not valid UTF-8 text."}},
		{"a NUL", post("iam", "Action=GetUser&UserName=a%00b"+v),
			refusal{400, "MalformedInput", "The request is not valid UTF-8 text."}},
		{"a number that is none", post("iam", "Action=ListUsers&MaxItems=ten"+v),
			refusal{400, "MalformedInput", "STRING_VALUE can not be converted to an Integer"}},
		{"a list member without a number", post("iam", "Action=UntagUser&UserName=u&TagKeys.member.x=k"+v),
			refusal{400, "MalformedInput", "The request has a list member without a valid number."}},

		{"IAM prints no value", post("iam", "Action=UpdateAccessKey&AccessKeyId=AKIAIOSFODNN7EXAMPLE&Status=Gone"+v),
			refusal{400, "ValidationError", "1 validation error detected: Value at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive]"}},
		{"IAM, required", post("iam", "Action=CreateUser"+v),
			refusal{400, "ValidationError", "1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must not be null"}},
		{"IAM, several", post("iam", "Action=UpdateAccessKey&UserName=a%23b&Status=Gone"+v),
			refusal{400, "ValidationError", "3 validation errors detected: " +
				"Value at 'accessKeyId' failed to satisfy constraint: Member must not be null; " +
				"Value at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive]; " +
				`Value at 'userName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]+`}},
		{"IAM, a number too large", post("iam", "Action=ListUsers&MaxItems=1001"+v),
			refusal{400, "ValidationError", "1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member must have value less than or equal to 1000"}},
		{"STS prints the value", post("sts", "Action=GetAccessKeyInfo&AccessKeyId=AKIA&Version=2011-06-15"),
			refusal{400, "ValidationError", "1 validation error detected: Value 'AKIA' at 'accessKeyId' failed to satisfy constraint: Member must have length greater than or equal to 16"}},
		{"STS, several", post("sts", "Action=GetAccessKeyInfo&AccessKeyId=A-A&Version=2011-06-15"),
			refusal{400, "ValidationError", "2 validation errors detected: " +
				`Value 'A-A' at 'accessKeyId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w]*; ` +
				"Value 'A-A' at 'accessKeyId' failed to satisfy constraint: Member must have length greater than or equal to 16"}},

		{"no such user", post("iam", "Action=GetUser&UserName=Nobody"+v),
			refusal{404, "NoSuchEntity", "The user with name Nobody cannot be found."}},
		{"no such key", post("iam", "Action=DeleteAccessKey&AccessKeyId=AKIAIOSFODNN7EXAMPLE"+v),
			refusal{404, "NoSuchEntity", "The Access Key with id AKIAIOSFODNN7EXAMPLE cannot be found."}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := s.send(t, test.request).xmlRefusal(t); got != test.want {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
		})
	}
}

// The services that speak JSON refuse in their own way.
func TestJSONRefusals(t *testing.T) {
	t.Parallel()
	s := start(t)
	root := s.root(t)
	now := time.Now()
	call := func(target, body string) *http.Request {
		r := s.request(t, "POST", "/", "application/x-amz-json-1.1", body)
		r.Header.Set("X-Amz-Target", target)
		return r
	}
	signed := func(target, body string) *http.Request {
		return sign(t, call(target, body), root, "secretsmanager", now)
	}
	const list = "secretsmanager.ListSecrets"
	tampered := signed(list, "{}")
	setBody(tampered, "[]")

	for _, test := range []struct {
		name    string
		request *http.Request
		want    refusal // <t> stands for any time
	}{
		{"no signature", call(list, "{}"),
			refusal{400, "MissingAuthenticationTokenException", "Missing Authentication Token"}},
		{"unknown key", sign(t, call(list, "{}"), key{ID: "AKIAIOSFODNN7EXAMPLE", Secret: "x"}, "secretsmanager", now),
			refusal{400, "UnrecognizedClientException", badKey}},
		{"tampered body", tampered,
			refusal{400, "InvalidSignatureException", mismatch}},
		{"stale date", sign(t, call(list, "{}"), root, "secretsmanager", now.Add(-16*time.Minute)),
			refusal{400, "InvalidSignatureException", "Signature expired: <t> is now earlier than <t> (<t> - 15 min.)"}},
		{"wrong action", signed("secretsmanager.MakeCoffee", "{}"),
			refusal{400, "UnknownOperationException", ""}},
		{"target of another service", signed("AmazonSSM.GetParameter", "{}"),
			refusal{400, "UnknownOperationException", ""}},
		{"not JSON", signed("secretsmanager.GetSecretValue", "SecretId=a"),
			refusal{400, "SerializationException", ""}},
		{"Query", sign(t, s.form(t, "Action=ListSecrets&Version=2017-10-17"), root, "secretsmanager", now),
			refusal{400, "SerializationException", "AWS Secrets Manager does not speak the protocol of this request."}},
		{"wrong type", signed("secretsmanager.GetSecretValue", `{"SecretId":1}`),
			refusal{400, "SerializationException", "NUMBER_VALUE can not be converted to a String"}},
		{"required", signed("secretsmanager.GetSecretValue", "{}"),
			refusal{400, "ValidationException", "1 validation error detected: Value null at 'secretId' failed to satisfy constraint: Member must not be null"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := withoutTimes(s.send(t, test.request).jsonRefusal(t)); got != test.want {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
		})
	}
}

// The limits on size hold before anything else is looked at, and say so.
func TestOversizedRequests(t *testing.T) {
	t.Parallel()
	s := start(t, withTransport(&http.Transport{ExpectContinueTimeout: patience}))
	const limit = 1 << 20
	body := whoAmI + "&Padding="
	body += strings.Repeat("x", limit+1-len(body))
	expecting := func(r *http.Request) *http.Request {
		r.Header.Set("Expect", "100-continue") // so that the answer can come before the body is sent
		return r
	}

	t.Run("body at the limit", func(t *testing.T) {
		got := s.send(t, sign(t, s.form(t, body[:limit]), s.root(t), "sts", time.Now()))
		if got.status != http.StatusOK {
			t.Errorf("status: got %d, want 200\n%s", got.status, got.body)
		}
	})
	t.Run("body over the limit", func(t *testing.T) {
		got := s.send(t, expecting(sign(t, s.form(t, body), s.root(t), "sts", time.Now()))).xmlRefusal(t)
		if want := (refusal{413, "RequestEntityTooLarge", "The request is too large."}); got != want {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	})
	t.Run("headers over the limit", func(t *testing.T) {
		r := s.form(t, whoAmI)
		r.Header.Set("X-Padding", strings.Repeat("x", 80<<10))
		resp, err := s.http.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("status: got %d, want 431", resp.StatusCode)
		}
	})
}

// Behind a proxy that rewrites Host, and takes a prefix off the path, the server
// is told what clients call it.
func TestPublicURL(t *testing.T) {
	t.Parallel()
	s := start(t, withFlags("--public-url", "https://iam.example.com", "--public-url", "https://example.com:8443/aws"))
	// through makes a request as it arrives: signed for one URL, sent to another.
	through := func(signedHost, signedPath string) *http.Request {
		r := s.form(t, whoAmI)
		r.Host, r.URL.Path = signedHost, signedPath
		sign(t, r, s.root(t), "sts", time.Now())
		r.Host, r.URL.Path = "", "/"
		return r
	}
	for _, test := range []struct {
		name, host, path string
		status           int
	}{
		{"as received", "", "/", 200},
		{"public name", "iam.example.com", "/", 200},
		{"public name, port and prefix", "example.com:8443", "/aws/", 200},
		{"prefix left out", "example.com:8443", "/", 403},
		{"name of somebody else", "iam.example.org", "/", 403},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := s.send(t, through(test.host, test.path))
			if got.status != test.status {
				t.Errorf("status: got %d, want %d\n%s", got.status, test.status, got.body)
			}
			if got.status == 200 {
				return
			}
			if got, want := got.xmlRefusal(t), (refusal{403, "SignatureDoesNotMatch", mismatch}); got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

// X-Forwarded-For is believed from a trusted proxy, and from nobody else.
func TestForwardedFor(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		flags     []string
		forwarded string
		want      string
	}{
		{"nobody trusted", nil, "203.0.113.9", "127.0.0.1"},
		{"another trusted", []string{"--trusted-proxy", "10.0.0.0/8"}, "203.0.113.9", "127.0.0.1"},
		{"trusted", []string{"--trusted-proxy", "127.0.0.1"}, "203.0.113.9", "203.0.113.9"},
		{"trusted, what the client made up left out", []string{"--trusted-proxy", "127.0.0.0/8"}, "198.51.100.1, 203.0.113.9", "203.0.113.9"},
		{"trusted, two proxies", []string{"--trusted-proxy", "127.0.0.1,10.0.0.0/8"}, "203.0.113.9, 10.1.2.3", "203.0.113.9"},
		{"trusted, nonsense", []string{"--trusted-proxy", "127.0.0.1"}, "somewhere", "127.0.0.1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, withFlags(test.flags...))
			r := s.form(t, whoAmI)
			r.Header.Set("X-Forwarded-For", test.forwarded)
			got := s.send(t, sign(t, r, s.root(t), "sts", time.Now()))
			if got.status != 200 {
				t.Fatalf("status %d:\n%s", got.status, got.body)
			}
			s.stop(t)
			record := s.auditRecord(t, got.header.Get("X-Amzn-Requestid"))
			if record.SourceIPAddress != test.want {
				t.Errorf("sourceIPAddress: got %q, want %q", record.SourceIPAddress, test.want)
			}
		})
	}
}

// auditRecord is what a test looks at of an audit record.
type auditRecord struct {
	EventName, SourceIPAddress, RequestID, ErrorCode string
}

// auditRecord finds the record of a request in the files that a stopped server left.
func (s *server) auditRecord(t *testing.T, requestID string) auditRecord {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(s.data, "audit", "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range auditRecords(t, string(text)) {
			if r.RequestID == requestID {
				return r
			}
		}
	}
	t.Fatalf("no audit record of request %s in %d files", requestID, len(files))
	return auditRecord{}
}

func auditRecords(t *testing.T, lines string) (records []auditRecord) {
	t.Helper()
	for line := range strings.Lines(lines) {
		var r auditRecord
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%v in the audit record %s", err, line)
		}
		records = append(records, r)
	}
	return records
}

func (s *server) inactiveKey(t *testing.T) key {
	t.Helper()
	k := s.userKey(t, "inactive")
	_, err := s.iam(s.root(t)).UpdateAccessKey(t.Context(), &iam.UpdateAccessKeyInput{
		UserName: new("inactive"), AccessKeyId: &k.ID, Status: types.StatusTypeInactive,
	})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (s *server) deletedKey(t *testing.T) key {
	t.Helper()
	k := s.userKey(t, "deleted")
	_, err := s.iam(s.root(t)).DeleteAccessKey(t.Context(), &iam.DeleteAccessKeyInput{UserName: new("deleted"), AccessKeyId: &k.ID})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// setBody replaces the body of a request that may be signed already.
func setBody(r *http.Request, body string) {
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	r.GetBody = nil
}

var timestamp = regexp.MustCompile(`\d{8}T\d{6}Z`)

// withoutTimes puts <t> for each time in a message.
func withoutTimes(r refusal) refusal {
	r.Message = timestamp.ReplaceAllString(r.Message, "<t>")
	return r
}
