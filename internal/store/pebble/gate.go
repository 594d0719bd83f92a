package pebble

import (
	"math"
	"sync/atomic"
)

// A gate counts the transactions inside and, once shut, lets no more in.
type gate struct {
	inside atomic.Int64 // plus shut, once it is
	empty  chan struct{}
}

const shut = math.MinInt64

func newGate() gate { return gate{empty: make(chan struct{}, 1)} }

func (g *gate) enter() bool {
	if g.inside.Add(1) > 0 {
		return true
	}
	g.leave()
	return false
}

func (g *gate) leave() {
	if g.inside.Add(-1) == shut {
		select {
		case g.empty <- struct{}{}:
		default: // told already, by somebody who came after it was shut
		}
	}
}

// shut closes the gate and waits until nobody is inside. It may be called once.
func (g *gate) shut() {
	if g.inside.Add(shut) != shut {
		<-g.empty
	}
}
