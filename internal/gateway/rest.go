package gateway

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/iamd-project/iamd/internal/authn"
	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/checksum"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/sigv4"
)

// This file is what is different for REST services: a request says what it wants in its
// method, path and headers, and its body, which may be large, is read when the caller is
// known, or by the operation itself when it is known to be allowed.

// restService is the REST service that a request means, if it means one, and the first
// label of its path if its host has that. What is not signed means one if its host is
// the service's, or if it has a path, which no other protocol has.
func (g *Registry) restService(scope string, r *http.Request) (*service, string) {
	for _, s := range g.rest {
		label, own := s.hostLabel(r.Host)
		if scope == s.shape.ID || scope == "" && (own || r.URL.Path != "/" && r.URL.Path != "") && r.Header["X-Amz-Target"] == nil {
			return s, label
		}
	}
	return nil, ""
}

// openREST finds out what a request asks for.
func (m *message) openREST(w http.ResponseWriter, s *service, label string) {
	m.service = s
	payload := cmp.Or(m.signed.Claim().Payload, sigv4.PayloadHash(m.http.Header.Get("X-Amz-Content-Sha256")))
	m.sent = sigv4.NewBody(&patient{m.http.Body, http.NewResponseController(w)}, payload)
	body, err := checksum.NewReader(closer{m.sent, m.http.Body}, m.http.Header, m.sent.Trailer)
	m.asked, m.refused = s.router.OpenREST(m.http, label, &restBody{body})
	if length := m.http.Header.Get("X-Amz-Decoded-Content-Length"); payload.Streaming() {
		n, bad := strconv.ParseUint(length, 10, 63)
		if m.refused == nil && bad != nil {
			m.refused = awserr.S3NoLength
		}
		m.sent.Expect(int64(n))
	}
	if m.refused == nil && err != nil {
		m.refused = bodyRefusal(err)
	}
}

// verifyREST is verify before the body has been read, which is compared with the signature
// as it is read. Who does not sign is nobody, whom policies may allow something.
func (g *Gateway) verifyREST(ctx context.Context, m *message) (authn.Claim, error) {
	said := m.signed.Claim()
	switch {
	case m.signed.Missing():
		return authn.Claim{}, m.otherSignature()
	case said.Payload == "" && !said.Presigned && said.AccessKeyID != "":
		return authn.Claim{}, awserr.S3NoPayloadHash
	}
	claim, err := g.Authn.VerifyPayload(ctx, &m.signed, g.REST, said.Payload, m.now)
	if r, ok := errors.AsType[*awserr.Refusal](err); ok && said.Presigned && r.Kind == awserr.SignatureExpired {
		err = awserr.S3PresignedExpired
	}
	if err != nil || !said.Payload.Streaming() {
		return claim, err
	}
	key, err := g.Authn.SigningKey(claim, said.Scope)
	m.sent.SignedBy(said, key)
	return claim, err
}

// otherSignature refuses what is signed in the way before this one, as the AWS CLI still
// presigns by default.
func (m *message) otherSignature() error {
	if len(m.http.Header["Authorization"]) == 0 && !m.http.URL.Query().Has("AWSAccessKeyId") {
		return nil
	}
	return awserr.New(http.StatusBadRequest, "InvalidRequest",
		"The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.")
}

// patience is how long a body may make no headway, in either direction.
const patience = 30 * time.Second

// patient is a body that may take as long as it likes, as long as it comes.
type patient struct {
	io.ReadCloser
	connection *http.ResponseController
}

func (p *patient) Read(b []byte) (int, error) {
	_ = p.connection.SetReadDeadline(time.Now().Add(patience)) // not every connection has deadlines
	n, err := p.ReadCloser.Read(b)
	_ = p.connection.SetWriteDeadline(time.Now().Add(patience))
	return n, err
}

type closer struct {
	io.Reader
	io.Closer
}

// restBody is an op.Body.
type restBody struct{ *checksum.Reader }

var _ op.Body = (*restBody)(nil)

func (b *restBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err != nil && err != io.EOF {
		err = bodyRefusal(err)
	}
	return n, err
}

// bodyRefusal is what the caller is told of a body that is not what the request promised.
func bodyRefusal(err error) error {
	if u, ok := errors.AsType[*checksum.Unknown](err); ok {
		return awserr.Refuse(awserr.NotBuilt, "iamd does not compute checksums with %.32s.", u.Algorithm)
	}
	kind := awserr.IncompleteBody // the connection broke, or a chunk
	switch {
	case errors.Is(err, sigv4.ErrPayload):
		kind = awserr.OtherBody
	case errors.Is(err, sigv4.ErrChunkSignature):
		kind = awserr.BadSignature
	case errors.Is(err, checksum.ErrMD5):
		kind = awserr.BadDigest
	case errors.Is(err, checksum.ErrMD5Invalid):
		kind = awserr.InvalidDigest
	case errors.Is(err, checksum.ErrSum):
		kind = awserr.BadChecksum
	case errors.Is(err, checksum.ErrInvalid):
		kind = awserr.InvalidChecksum
	}
	return &awserr.Refusal{Kind: kind}
}

// discard closes the body of a reply that is not sent after all.
func (m *message) discard(out any, refused *awserr.Error) {
	if refused != nil {
		return
	}
	if _, stream := m.service.wire.Head(http.Header{}, m.op.shape, output(m.op.shape, out)); stream != nil {
		_ = stream.Close()
	}
}

// replyStream sends a body that is not held in memory, for as long as the client takes it.
func (g *Gateway) replyStream(w http.ResponseWriter, status int, body io.ReadCloser) {
	defer body.Close()
	w.WriteHeader(status)
	connection := http.NewResponseController(w)
	buf := make([]byte, 64<<10)
	for {
		n, err := body.Read(buf)
		_ = connection.SetWriteDeadline(time.Now().Add(patience))
		if _, gone := w.Write(buf[:n]); gone != nil || err == io.EOF {
			return
		}
		if err != nil {
			g.Log.Error("a body could not be sent to its end", "err", err)
			panic(http.ErrAbortHandler) // the client must not take it for the whole
		}
	}
}
