package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/shapes"
	"github.com/iamd-project/iamd/internal/wire"
)

const (
	maxAttempts = 10
	maxReply    = 32 << 20
	callTime    = time.Minute // of one attempt
	firstPause  = 200 * time.Millisecond
	longPause   = 5 * time.Second
)

// A Request is one call of an operation in one region.
type Request struct {
	Service   *shapes.Service
	Operation *shapes.Operation
	Region    string
	Input     any // made by Input
}

// A Reply is what a server answered.
type Reply struct {
	Body      []byte // as it was sent
	Output    any    // nil for an operation without a reply of its own
	RequestID string // only of a refusal
}

// Tree is the reply's members.
func (r *Reply) Tree() map[string]any { return wire.Tree(r.Output) }

// Doubtful is an error after which it is not known whether the operation was carried out.
type Doubtful struct{ err error }

func (e *Doubtful) Error() string {
	return "it is not known whether this was done: " + e.err.Error()
}
func (e *Doubtful) Unwrap() error { return e.err }

// Call calls an operation. What the server refuses is an *awserr.Error, beside which the
// Reply has its Body.
//
// It tries again, after a pause, what the server did not do: a call that did not reach it
// or that it was too busy for. A call that may have been carried out it repeats only
// if the operation changes nothing or has a client token; otherwise that is an error that
// is Doubtful.
func (c *Client) Call(ctx context.Context, r Request) (*Reply, error) {
	to, region, err := c.endpoint(r.Service, r.Region)
	if err != nil {
		return &Reply{}, err
	}
	asked, err := wire.ClientOf(r.Service).Ask(r.Operation, r.Input)
	if err != nil {
		return &Reply{}, err
	}
	for try := 1; ; try++ {
		reply, outcome, err := c.once(ctx, r, to, region, &asked)
		again := outcome == notDone || outcome == unknown && repeatable(r)
		if outcome == unknown && !repeatable(r) {
			return reply, &Doubtful{err}
		}
		if !again || try >= c.attempts || ctx.Err() != nil {
			return reply, err
		}
		pause := min(firstPause<<(try-1), longPause)
		select {
		case <-ctx.Done():
			return reply, err
		case <-time.After(pause/2 + rand.N(pause/2)):
		}
	}
}

// repeatable reports whether an operation that is carried out twice does the same as once.
func repeatable(r Request) bool {
	return Reads(r.Operation) || slices.ContainsFunc(Members(r.Input), func(m Member) bool { return m.Token })
}

// An outcome is what is known of a call that was tried.
type outcome int

const (
	settled outcome = iota // an answer that stays, or an error that will
	notDone                // it may go better next time
	unknown                // it may have been carried out
)

// busy are the codes of services that did not take a call on.
var busy = []string{
	"Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException", "RequestLimitExceeded",
	"RequestThrottled", "RequestThrottledException", "SlowDown", "BandwidthLimitExceeded", "PriorRequestNotComplete",
	"ServiceUnavailable", "ServiceUnavailableException", "ConcurrentModification",
}

// Busy reports whether an error says that the service did not take a call on.
func Busy(err error) bool {
	e, ok := errors.AsType[*awserr.Error](err)
	return ok && (slices.Contains(busy, e.Code) || e.Status == http.StatusTooManyRequests || e.Status == http.StatusServiceUnavailable)
}

// once tries a call one time.
func (c *Client) once(ctx context.Context, r Request, to, region string, asked *wire.Question) (*Reply, outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	req, err := c.request(ctx, r, to, region, asked)
	if err != nil {
		return &Reply{}, settled, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return &Reply{}, reached(err), fmt.Errorf("calling %s: %w", to, bare(err))
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
	switch {
	case err != nil:
		return &Reply{}, unknown, fmt.Errorf("reading the reply of %s: %w", to, bare(err))
	case len(text) > maxReply:
		return &Reply{}, settled, fmt.Errorf("the reply of %s is larger than %d bytes", to, maxReply)
	}
	return c.answer(r, resp, text)
}

// answer reads a reply.
func (c *Client) answer(r Request, resp *http.Response, text []byte) (*Reply, outcome, error) {
	speaker := wire.ClientOf(r.Service)
	reply := &Reply{Body: text}
	if resp.StatusCode/100 != 2 {
		var refusal *awserr.Error
		refusal, reply.RequestID = speaker.ReadError(resp.StatusCode, resp.Header, text)
		switch {
		case Busy(refusal):
			return reply, notDone, refusal
		case resp.StatusCode >= 500 && resp.StatusCode != http.StatusNotImplemented:
			return reply, unknown, refusal
		}
		return reply, settled, refusal
	}
	if r.Operation.Output != nil {
		reply.Output = r.Operation.Output()
	}
	return reply, settled, speaker.Read(resp.Header, text, r.Operation, reply.Output)
}

// reached is the outcome of a call that got no reply. One that could not connect was not
// done, and one to a server that is not who it should be will not be.
func reached(err error) outcome {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return settled
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return settled
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return notDone
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return notDone
	}
	return unknown
}

// bare takes off what net/http says around an error: the URL, which stands there already.
func bare(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}
