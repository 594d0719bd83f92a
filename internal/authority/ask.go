package authority

import (
	"context"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/iamd-project/iamd/authority"
	"github.com/iamd-project/iamd/internal/audit"
	"github.com/iamd-project/iamd/internal/authn"
	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/store"
	"github.com/iamd-project/iamd/sigv4"
)

// exchange is one question on the way to its answer.
type exchange struct {
	question *authority.Question
	id       string
	now      time.Time
	http     *http.Request   // as the asker received it; an empty one for a credential
	signed   authn.Signature // zero for a credential
	s3       bool
	rules    *sigv4.Verifier
	needs    []op.Need
	caller   op.Principal
	record   audit.Record
	answer   authority.Answer
}

// Ask answers a question. An error is a *BadQuestion, or ours: then there is no answer.
func (s *Server) Ask(ctx context.Context, q *authority.Question) (*authority.Answer, error) {
	ctx = context.WithoutCancel(ctx) // no asker that hangs up leaves no record
	e, err := s.open(q)
	if err != nil {
		return nil, err
	}
	err = s.decide(ctx, e)
	refused, meant := e.refusal(err)
	if !meant {
		return nil, fmt.Errorf("question %s: %w", e.id, err)
	}
	if e.answer.Refusal == nil {
		e.answer.Refusal = refused
	}
	e.answer.Allowed = e.answer.Refusal == nil
	if e.answer.Allowed && !s.RecordAllowed {
		return &e.answer, nil
	}
	e.conclude(err)
	if err := s.Trail.Append(ctx, &e.record); err != nil {
		return nil, fmt.Errorf("recording question %s: %w", e.id, err)
	}
	return &e.answer, nil
}

// open checks a question and makes an exchange of it.
func (s *Server) open(q *authority.Question) (e *exchange, err error) {
	e = &exchange{question: q, id: s.IDs.UUID(), now: s.Now(), http: &http.Request{Header: http.Header{}}}
	e.answer.RequestID = e.id
	switch {
	case (q.Request == nil) == (q.Credential == nil):
		return nil, badQuestion("A question has either a request or a credential.")
	case q.Credential != nil && q.SigningKey:
		return nil, badQuestion("There is a signing key for a request, and not for a credential.")
	case q.Request != nil:
		if e.http, err = received(q.Request); err != nil {
			return nil, err
		}
		e.signed = authn.Read(e.http)
	}
	e.s3 = q.Service == s3Service || q.Service == "" && e.signed.Scope().Service == s3Service
	if e.rules, err = rules(q, e.s3); err != nil {
		return nil, err
	}
	if err = checkClient(q); err != nil {
		return nil, err
	}
	if e.needs, err = s.needs(q.Permissions); err != nil {
		return nil, err
	}
	s.beginRecord(e)
	return e, nil
}

const s3Service = "s3"

// decide is the life of a question, in order. What it refuses is an error; a denial is
// in the answer already.
func (s *Server) decide(ctx context.Context, e *exchange) (err error) {
	defer func() {
		if p := recover(); p != nil { // a fault of ours; the asker lets nobody in
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	claim, err := s.verify(ctx, e)
	if err != nil {
		return err
	}
	err = s.Store.View(ctx, func(snap store.Reader) error {
		if e.caller, err = s.Authn.Confirm(snap, claim); err != nil {
			return err
		}
		e.identify()
		return s.authorize(s.call(e, snap), e)
	})
	if err != nil {
		return err
	}
	if claim.LongTerm() && e.question.Request != nil { // it has just signed
		scope := e.signed.Scope()
		s.Usage.Note(claim.KeyID(), strings.Clone(scope.Service), scope.Region, e.question.ClientIP, e.now)
	}
	if e.question.SigningKey && e.answer.Refusal == nil && e.answer.Signature != nil {
		return s.giveKey(e, claim)
	}
	return nil
}

// verify finds out who signed, by the asker's rules.
func (s *Server) verify(ctx context.Context, e *exchange) (authn.Claim, error) {
	q := e.question
	if c := q.Credential; c != nil {
		return s.Authn.Vouched(ctx, ids.KeyID(strings.Clone(c.AccessKeyID)), c.SessionToken, e.now)
	}
	if q.Anonymous && e.signed.Missing() {
		return authn.Claim{}, nil
	}
	said, body := e.signed.Claim(), q.Request.BodyHash
	if e.s3 && said.Payload == "" && !said.Presigned && said.AccessKeyID != "" {
		return authn.Claim{}, awserr.S3NoPayloadHash
	}
	if body == "" {
		body = said.Payload // the asker has the body yet to read
	}
	compare := body
	if e.s3 && said.Payload.IsHash() { // S3 has an error of its own for the other outcome
		compare = said.Payload
	}
	claim, err := s.Authn.VerifyPayload(ctx, &e.signed, e.rules, compare, e.now)
	if err == nil && said.Payload.IsHash() && said.Payload != body {
		err = &awserr.Refusal{Kind: awserr.OtherBody}
	}
	if err == nil {
		e.answer.Signature = signature(said, body)
	}
	return claim, err
}

func signature(c *sigv4.Claim, body sigv4.PayloadHash) *authority.Signature {
	payload := c.Payload
	switch {
	case payload != "":
	case c.Presigned && c.Scope.Service == s3Service:
		payload = sigv4.UnsignedPayload
	default:
		payload = body
	}
	return &authority.Signature{
		Day: c.Scope.Day, Region: c.Scope.Region, Service: c.Scope.Service,
		Time: c.Time, Presigned: c.Presigned, SignedHeaders: c.SignedHeaders, Payload: payload,
	}
}

func (s *Server) call(e *exchange, snap store.Reader) *op.Call {
	return &op.Call{
		Snap:      snap,
		Caller:    e.caller,
		Now:       e.now,
		RequestID: e.id,
		Region:    e.signed.Scope().Region,
		Client: op.Client{
			IP:        e.question.ClientIP,
			UserAgent: e.http.UserAgent(),
			Referer:   e.http.Referer(),
			Secure:    e.question.Secure,
		},
		IDs:     s.IDs,
		Keyring: s.Keyring(),
	}
}

// authorize decides on every permission; the first that is denied is the refusal.
func (s *Server) authorize(call *op.Call, e *exchange) error {
	for i := range e.needs {
		decision, err := s.Authz.Authorize(call, e.needs[i:i+1])
		if err != nil && decision.Result == "" {
			return err // not a denial
		}
		e.answer.Decisions = append(e.answer.Decisions, decided(decision))
		if err == nil || e.answer.Refusal != nil {
			if i == 0 {
				e.record.Decision = decision
			}
			continue
		}
		e.asked(&e.needs[i], decision)
		refused, meant := e.refusal(err)
		if !meant {
			return err
		}
		if refused.Encoded, err = s.encoded(call, &e.needs[i]); err != nil {
			return err
		}
		e.answer.Refusal = refused
	}
	return nil
}

func decided(d audit.Decision) authority.Decision {
	out := authority.Decision{Result: d.Result}
	for _, st := range d.Statements {
		out.Statements = append(out.Statements, authority.Statement(st))
	}
	return out
}

func (s *Server) giveKey(e *exchange, claim authn.Claim) error {
	key, err := s.Authn.SigningKey(claim, e.signed.Scope())
	if err != nil {
		return err
	}
	raw := key.Bytes()
	e.answer.Signature.SigningKey = raw[:]
	return nil
}

// refusal is what the asker's client is told of err; nil for no error. It is not meant
// to be told if the fault is ours.
func (e *exchange) refusal(err error) (r *authority.Refusal, meant bool) {
	if err == nil {
		return nil, true
	}
	told, meant := e.spelled(err)
	return &authority.Refusal{Code: told.Code, Status: told.Status, Message: told.Message}, meant
}

func (e *exchange) spelled(err error) (*awserr.Error, bool) {
	if e.s3 {
		return spellS3(err, e.signed.Claim().Presigned)
	}
	return awserr.Public(err, awserr.Query)
}
