package sigv4

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Credentials are an access key, with its session token if it is a temporary one.
type Credentials struct {
	AccessKeyID     string
	SecretAccessKey string
	SessionToken    string
}

// Format prints the access key id only, whatever the verb.
func (c Credentials) Format(f fmt.State, _ rune) { fmt.Fprint(f, c.AccessKeyID) }

// MarshalJSON writes the access key id only, as Format does.
func (c Credentials) MarshalJSON() ([]byte, error) {
	return strconv.AppendQuote(nil, c.AccessKeyID), nil
}

// Signer signs requests to one service in one region.
type Signer struct {
	Credentials Credentials
	Region      string // "us-east-1"
	Service     string // "iam"
	S3          bool   // escape the path once, and say the payload hash in a header, as S3 wants it
}

// notSigned are headers that proxies change on the way.
var notSigned = []string{"Authorization", "User-Agent", "X-Amzn-Trace-Id", "Expect", "Transfer-Encoding"}

// Sign adds an Authorization header to r, and the headers that go with it:
// X-Amz-Date, X-Amz-Security-Token if there is a token, X-Amz-Content-Sha256 for
// S3. It signs these, the host, the content length if it is known and every
// other header that r has, but for User-Agent and the like. The query is put in
// its canonical form. now is rounded down to the second.
func (s Signer) Sign(r *http.Request, payload PayloadHash, now time.Time) error {
	timestamp := now.UTC().Format(isoBasic)
	if r.Header == nil {
		r.Header = make(http.Header)
	}
	r.Header.Del("Authorization")
	r.Header.Set("X-Amz-Date", timestamp)
	if s.Credentials.SessionToken != "" {
		r.Header.Set("X-Amz-Security-Token", s.Credentials.SessionToken)
	}
	if s.S3 {
		r.Header.Set("X-Amz-Content-Sha256", string(payload))
	}
	headers, err := s.prepare(r)
	if err != nil {
		return err
	}
	signature, err := s.sign(r, headers, payload, timestamp)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", algorithm+" Credential="+s.credential(timestamp)+", SignedHeaders="+headers+", Signature="+signature)
	return nil
}

// Presign returns the URL of r with a signature in its query, which is valid for
// the given time: one second to MaxExpires. Whoever uses the URL must send the
// method and the headers of r, all of which are signed. The payload for S3 is
// UnsignedPayload. r itself is not changed.
func (s Signer) Presign(r *http.Request, payload PayloadHash, expires time.Duration, now time.Time) (string, error) {
	if expires < time.Second || expires > MaxExpires {
		return "", fmt.Errorf("sigv4: a presigned request cannot be valid for %v", expires)
	}
	r = r.Clone(r.Context())
	r.URL.Host = withoutDefaultPort(r.URL.Host, r.URL.Scheme)
	timestamp := now.UTC().Format(isoBasic)
	headers, err := s.prepare(r)
	if err != nil {
		return "", err
	}
	params := []string{
		queryAlgorithm, algorithm, queryCredential, s.credential(timestamp), queryDate, timestamp,
		queryExpires, strconv.Itoa(int(expires / time.Second)), querySignedHeaders, headers,
	}
	if s.Credentials.SessionToken != "" {
		params = append(params, queryToken, s.Credentials.SessionToken)
	}
	query := []byte(r.URL.RawQuery)
	for i := 0; i < len(params); i += 2 {
		query = append(append(append(query, '&'), params[i]...), '=')
		query = appendSegment(query, params[i+1])
	}
	r.URL.RawQuery = string(query)
	signature, err := s.sign(r, headers, payload, timestamp)
	if err != nil {
		return "", err
	}
	r.URL.RawQuery += "&" + querySignature + "=" + signature
	return r.URL.String(), nil
}

func (s Signer) scope(timestamp string) Scope {
	return Scope{timestamp[:len(isoDay)], s.Region, s.Service}
}

func (s Signer) credential(timestamp string) string {
	return s.Credentials.AccessKeyID + "/" + timestamp[:len(isoDay)] + "/" + s.Region + "/" + s.Service + "/" + terminator
}

// prepare settles the host and lists the headers to sign.
func (s Signer) prepare(r *http.Request) (signedHeaders string, err error) {
	if q, err := parseAuthQuery(r.URL.RawQuery); err != nil {
		return "", err
	} else if q.present {
		return "", errors.New("sigv4: the request is presigned already")
	}
	r.Host = withoutDefaultPort(requestHost(r), r.URL.Scheme)
	names := []string{"host"}
	if r.ContentLength > 0 {
		names = append(names, "content-length")
	}
	for name := range r.Header {
		if !slices.Contains(notSigned, name) && name != "Content-Length" && name != "Host" {
			names = append(names, strings.ToLower(name))
		}
	}
	slices.Sort(names)
	signedHeaders = strings.Join(slices.Compact(names), ";")
	return signedHeaders, nil
}

// withoutDefaultPort is for servers and proxies that drop ":443" on the way.
func withoutDefaultPort(host, scheme string) string {
	if name, port, err := net.SplitHostPort(host); err == nil && (scheme == "https" && port == "443" || scheme == "http" && port == "80") {
		if strings.Contains(name, ":") {
			return "[" + name + "]"
		}
		return name
	}
	return host
}

func (s Signer) sign(r *http.Request, signedHeaders string, payload PayloadHash, timestamp string) (string, error) {
	path, ok := pathToSend(r.URL)
	if !ok {
		return "", errors.New("sigv4: a URL without a path cannot be signed")
	}
	scope := s.scope(timestamp)
	key := DeriveKey(s.Credentials.SecretAccessKey, scope)
	work := scratches.Get().(*scratch)
	defer work.release()
	var err error
	if work.query, err = work.appendQuery(work.query[:0], r.URL.RawQuery, false); err != nil {
		return "", err
	}
	r.URL.RawQuery = string(work.query)
	work.path = appendPath(work.path[:0], path, s.S3)
	in := canonical{host: r.Host, path: work.path, query: work.query, signedHeaders: signedHeaders, payload: payload}
	signature, ok := work.signature(r, in, timestamp, scope, &key)
	if !ok {
		return "", errors.New("sigv4: a header has no value that can be signed")
	}
	return string(signature[:]), nil
}
