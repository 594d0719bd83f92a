package client

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// atOnce is how many regions are called at one time.
const atOnce = 8

// An Answer is what a call came to in one region.
type Answer struct {
	Region string
	Reply  *Reply // never nil
	Err    error
}

// Everywhere calls an operation once in each region and returns the answers in their
// order. A service with one endpoint for all regions gets the calls one by one.
func (c *Client) Everywhere(ctx context.Context, r Request, regions []string, call func(context.Context, Request) (*Reply, error)) []Answer {
	answers := make([]Answer, len(regions))
	var group errgroup.Group
	group.SetLimit(atOnce)
	if r.Service.Global {
		group.SetLimit(1)
	}
	for i, region := range regions {
		group.Go(func() error {
			r := r
			r.Region = region
			reply, err := call(ctx, r)
			answers[i] = Answer{region, reply, err}
			return nil
		})
	}
	_ = group.Wait() // each answer has its own error
	return answers
}
