package rotation

import (
	"bytes"
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"

	"github.com/iamd-project/iamd/sigv4"
)

// callerOf has a key sign GetCallerIdentity, and sends that where all requests go. It
// returns the ARN of who called.
func (e *Engine) callerOf(k *Key, region string) (string, error) {
	body := url.Values{"Action": {"GetCallerIdentity"}, "Version": {"2011-06-15"}}.Encode()
	r, err := http.NewRequest(http.MethodPost, "http://sts."+region+".amazonaws.com/", strings.NewReader(body))
	if err != nil {
		return "", err
	}
	r.RemoteAddr, r.RequestURI = "127.0.0.1:0", "/"
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("User-Agent", Service)
	signer := sigv4.Signer{
		Credentials: sigv4.Credentials{AccessKeyID: string(k.ID), SecretAccessKey: string(k.Secret)},
		Region:      region, Service: "sts",
	}
	if err := signer.Sign(r, sigv4.HashPayload([]byte(body)), e.Now()); err != nil {
		return "", err
	}
	w := &reply{header: http.Header{}, status: http.StatusOK}
	e.Door.ServeHTTP(w, r)
	var out struct {
		ARN   string `xml:"GetCallerIdentityResult>Arn"`
		Error struct{ Code, Message string }
	}
	if err := xml.Unmarshal(w.body.Bytes(), &out); err != nil {
		return "", err
	}
	if w.status != http.StatusOK {
		return "", fail("GetCallerIdentity with the access key of the pending version: %s: %s", out.Error.Code, out.Error.Message)
	}
	return out.ARN, nil
}

// reply is a response that is kept.
type reply struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *reply) Header() http.Header               { return w.header }
func (w *reply) WriteHeader(status int)            { w.status = status }
func (w *reply) Write(p []byte) (n int, err error) { return w.body.Write(p) }
