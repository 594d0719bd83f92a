package kind

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Signals is what an API can do for resources that wait for somebody outside.
type Signals interface {
	// Handle is a URL that takes signals for a resource from anybody who has it.
	Handle(r Resource) (string, error)
	// Received are the signals that came to a handle so far, by ID.
	Received(ctx context.Context, handle string) ([]Signal, error)
	// Signalled are those that SignalResource sent to a resource so far.
	Signalled(ctx context.Context, r Resource) ([]Signal, error)
}

// Signal is what somebody told a resource that waits.
type Signal struct {
	ID, Reason, Data string
	Failed           bool
}

// signalsOf is what an API can do about signals.
func signalsOf(api API) (Signals, error) {
	s, ok := api.(Signals)
	if !ok {
		return nil, errors.New("kind: this API has no signals")
	}
	return s, nil
}

type handleProperties struct{}

// A waitHandle is nothing but its URL.
var waitHandle = Kind[handleProperties]{
	Type: "AWS::CloudFormation::WaitConditionHandle",
	Create: func(_ context.Context, api API, r Resource, _ *handleProperties) (Result, error) {
		s, err := signalsOf(api)
		if err != nil {
			return Result{}, err
		}
		url, err := s.Handle(r)
		return Result{Physical: url, Attrs: map[string]string{"Id": url}}, err
	},
	Delete: func(context.Context, API, Resource, *handleProperties) error { return nil },
}

type waitProperties struct {
	Handle, Timeout string
	Count           *int64
}

// longestWait is the most seconds that a template may ask to wait.
const longestWait = 43_200

func (p *waitProperties) count() int64 {
	if p.Count == nil {
		return 1
	}
	return *p.Count
}

func (p *waitProperties) timeout() (time.Duration, error) {
	seconds, err := strconv.Atoi(p.Timeout)
	if err != nil || seconds < 0 || seconds > longestWait {
		return 0, Invalid(fmt.Sprintf("#/Timeout: %q is no number of seconds up to %d", p.Timeout, longestWait))
	}
	return time.Duration(seconds) * time.Second, nil
}

// signals are those that the condition has received, and what it waits for: what its
// properties say, or its CreationPolicy.
func (p *waitProperties) signals(ctx context.Context, s Signals, r Resource) ([]Signal, *Await, error) {
	if p.Handle == "" && r.Await != nil {
		received, err := s.Signalled(ctx, r)
		return received, r.Await, err
	}
	if p.Handle == "" || p.Timeout == "" {
		return nil, nil, Invalid("#: required keys [Handle, Timeout] not found")
	}
	timeout, err := p.timeout()
	if err != nil {
		return nil, nil, err
	}
	received, err := s.Received(ctx, p.Handle)
	return received, &Await{int(p.count()), timeout}, err
}

var waitCondition = Kind[waitProperties]{
	Type: "AWS::CloudFormation::WaitCondition",
	Check: func(was, want *waitProperties) error {
		if was != nil && (was.Handle != want.Handle || was.Timeout != want.Timeout || was.count() != want.count()) {
			return Failed("Update to resource type AWS::CloudFormation::WaitCondition is not supported.")
		}
		return nil
	},
	Create: func(ctx context.Context, api API, r Resource, want *waitProperties) (Result, error) {
		s, err := signalsOf(api)
		if err != nil {
			return Result{}, err
		}
		received, await, err := want.signals(ctx, s, r)
		if err != nil {
			return Result{}, err
		}
		data, good := map[string]string{}, 0
		for _, g := range received {
			if g.Failed {
				return Result{}, Failed(fmt.Sprintf("WaitCondition received failed message: '%s' for uniqueId: %s", g.Reason, g.ID))
			}
			data[g.ID] = g.Data
			good++
		}
		switch {
		case good >= await.Count:
			text, err := json.Marshal(data)
			id := r.StackID + "/" + r.Logical
			return Result{Physical: id, Attrs: map[string]string{"Id": id, "Data": string(text)}}, err
		case r.Now.Sub(r.Since) > await.Timeout:
			return Result{}, Failed(fmt.Sprintf("WaitCondition timed out. Received %d conditions when expecting %d", good, await.Count))
		}
		return Result{}, ErrPending
	},
	Update: func(_ context.Context, _ API, r Resource, _, _ *waitProperties) (Result, error) {
		return Result{Physical: r.Physical}, nil
	},
	Delete: func(context.Context, API, Resource, *waitProperties) error { return nil },
}
