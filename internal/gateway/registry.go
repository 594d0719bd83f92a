package gateway

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/shapes"
	"github.com/iamd-project/iamd/internal/wire"
)

// Registry is every service there is, and what finds the one that is meant.
type Registry struct {
	byID      map[string]*service // as in signing scopes and host names
	byTarget  map[string]*service // as in X-Amz-Target
	byVersion map[string]*service // as in a Query's Version
	byInput   map[reflect.Type]found
	unknown   map[shapes.Protocol]*service
	rest      []*service // those of REST
}

// service is an op.Service made ready.
type service struct {
	shape      *shapes.Service
	spelling   awserr.Spelling
	wire       wire.Protocol
	operations map[string]*operation
	quotas     op.Quotas
	router     *wire.Router // nil but for REST
	hostLabel  func(host string) (label string, own bool)
}

// found is an operation, and whose it is.
type found struct {
	service *service
	op      *operation
}

type operation struct {
	op.Operation
	shape *shapes.Operation
}

// NewRegistry checks that what the services do is what their models have.
// Operations of a model that are not built answer so.
func NewRegistry(services []op.Service) (*Registry, error) {
	g := &Registry{
		byID:      map[string]*service{},
		byTarget:  map[string]*service{},
		byVersion: map[string]*service{},
		byInput:   map[reflect.Type]found{},
		unknown:   map[shapes.Protocol]*service{},
	}
	for _, s := range services {
		made, err := newService(s)
		if err != nil {
			return nil, err
		}
		g.byID[s.Shape.ID] = made
		for _, o := range made.operations {
			g.byInput[reflect.TypeOf(o.shape.Input())] = found{made, o}
		}
		switch s.Shape.Protocol {
		case shapes.JSON11:
			g.byTarget[targetName(s.Shape.TargetPrefix)] = made
		case shapes.RESTXML:
			g.rest = append(g.rest, made)
		default:
			g.byVersion[s.Shape.Version] = made
		}
	}
	for protocol, spelling := range map[shapes.Protocol]awserr.Spelling{shapes.Query: awserr.Query, shapes.JSON11: awserr.JSON} {
		shape := &shapes.Service{ID: "unknown", Protocol: protocol}
		g.unknown[protocol] = &service{shape: shape, spelling: spelling, wire: wire.For(shape)}
	}
	return g, nil
}

func newService(s op.Service) (*service, error) {
	made := &service{
		shape:      s.Shape,
		spelling:   s.Spelling,
		wire:       wire.For(s.Shape),
		operations: map[string]*operation{},
		quotas:     s.Quotas,
		hostLabel:  s.HostLabel,
	}
	if s.Shape.Protocol == shapes.RESTXML {
		made.router = wire.NewRouter(s.Shape)
	}
	for i := range s.Shape.Operations {
		shape := &s.Shape.Operations[i]
		made.operations[shape.Name] = &operation{s.NotBuilt(shape.Name), shape}
	}
	for _, o := range s.Operations {
		known := made.operations[o.Name]
		if known == nil {
			return nil, fmt.Errorf("%s has no operation %s", s.Shape.ID, o.Name)
		}
		if err := fits(o, known.shape); err != nil {
			return nil, fmt.Errorf("%s:%s: %w", s.Shape.ID, o.Name, err)
		}
		known.Operation = o
	}
	return made, leavesOut(&s, made)
}

// leavesOut makes sure that what a service is without is in its model, and not built.
func leavesOut(s *op.Service, made *service) error {
	for _, w := range s.Without {
		for _, name := range w.Operations {
			if o := made.operations[name]; o == nil || o.Input != nil {
				return fmt.Errorf("%s leaves out %s, which it has, or AWS has not", s.Shape.ID, name)
			}
		}
	}
	return nil
}

// fits makes sure that an operation's types are its model's.
func fits(o op.Operation, shape *shapes.Operation) error {
	if in := reflect.TypeOf(shape.Input()); o.Input != in {
		return fmt.Errorf("takes %v, and the model has %v", o.Input, in)
	}
	out := reflect.TypeFor[*op.None]()
	if shape.Output != nil {
		out = reflect.TypeOf(shape.Output())
	}
	if o.Output != out {
		return fmt.Errorf("returns %v, and the model has %v", o.Output, out)
	}
	return nil
}

// service finds the service that a request means: by the scope of its
// signature, then by its target header, then by its host. For the rest the API's
// date must do: it is all that an unsigned Query on a bare address says.
func (g *Registry) service(scope string, asked wire.Request, host string) *service {
	if scope != "" {
		return g.known(g.byID[scope], asked)
	}
	if asked.Protocol == shapes.JSON11 {
		return g.known(g.byTarget[targetName(asked.Target)], asked)
	}
	label, _, _ := strings.Cut(host, ".")
	if s := g.byID[strings.ToLower(label)]; s != nil {
		return s
	}
	return g.known(g.byVersion[asked.Version], asked)
}

func (g *Registry) known(s *service, asked wire.Request) *service {
	if s != nil {
		return s
	}
	if asked.Protocol == shapes.JSON11 {
		return g.unknown[shapes.JSON11]
	}
	return g.unknown[shapes.Query]
}

// operation finds what a request asks of the service.
func (s *service) operation(asked wire.Request) (*operation, error) {
	if s.operations == nil {
		return nil, awserr.Refuse(awserr.InvalidAction, "iamd does not serve the service that this request is for.")
	}
	if s.router != nil {
		if o := s.operations[asked.Operation]; o != nil {
			return o, nil
		}
		return nil, &awserr.Refusal{Kind: awserr.InvalidAction}
	}
	if asked.Protocol != s.shape.Protocol {
		return nil, awserr.Refuse(awserr.Malformed, "%s does not speak the protocol of this request.", s.shape.Title)
	}
	if o := s.operations[asked.Operation]; o != nil && s.speaks(asked) {
		return o, nil
	}
	if s.shape.Protocol == shapes.JSON11 {
		return nil, &awserr.Refusal{Kind: awserr.InvalidAction}
	}
	if asked.Operation == "" {
		return nil, awserr.New(400, "MissingAction", "The request must contain the parameter Action.")
	}
	version := cmp.Or(asked.Version, "NO_VERSION_SPECIFIED")
	return nil, awserr.Refuse(awserr.InvalidAction, "Could not find operation %.128s for version %.32s", asked.Operation, version)
}

// speaks reports whether a request is for the service's own API: AWS has one
// version of each, and a Query names it.
func (s *service) speaks(asked wire.Request) bool {
	if s.shape.Protocol == shapes.JSON11 {
		return targetName(asked.Target) == targetName(s.shape.TargetPrefix)
	}
	return asked.Version == s.shape.Version
}

// targetName is a service's name in X-Amz-Target without the package in front: the CLI
// says com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101, and newer SDKs
// CloudTrail_20131101.
func targetName(target string) string { return target[strings.LastIndexByte(target, '.')+1:] }
