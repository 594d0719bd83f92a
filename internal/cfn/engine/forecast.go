package engine

import (
	"github.com/iamd-project/iamd/internal/cfn/plan"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/store"
)

// Current are the resources of a stack, as a plan wants them.
func Current(r store.Reader, ring *seal.Keyring, s *directory.Stack) (map[string]*plan.Current, error) {
	current := map[string]*plan.Current{}
	err := present(r, ring, s, func(rec *directory.StackResource, is *state) {
		current[rec.Logical] = is.current(rec.Now)
	})
	return current, err
}

// present calls fn with each resource of a stack that is there, and its state.
func present(r store.Reader, ring *seal.Keyring, s *directory.Stack, fn func(*directory.StackResource, *state)) error {
	all, err := s.Resources(r)
	if err != nil {
		return err
	}
	for _, rec := range all {
		if rec.Now == nil {
			continue
		}
		stored, err := s.GetState(r, ring, rec.Now)
		if err != nil {
			return err
		}
		is, err := readState(stored)
		if err != nil {
			return err
		}
		fn(rec, is)
	}
	return nil
}

func (s *state) current(of *directory.Incarnation) *plan.Current {
	return &plan.Current{
		Type: of.Type, Physical: of.Physical, Literal: s.literal, Masked: s.masked, Metadata: s.metadata, Attrs: s.attrs, Tags: s.tags,
	}
}

// forecast is what the forward phase is about to do; nil where that can't be told.
func (w *work) forecast() map[string]*plan.Change {
	current := map[string]*plan.Current{}
	for logical, r := range w.resources {
		if r.Now != nil {
			current[logical] = r.now.current(r.Now)
		}
	}
	p, err := plan.Compare(current, nil, w.target.bound, w.target.inputs.Tags)
	if err != nil {
		return nil // the resource's own step says why
	}
	return p.Changes
}
