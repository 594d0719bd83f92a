package iam

import (
	"cmp"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/policy"
)

// trackingPeriod is how far back a report looks.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateServiceLastAccessedDetails.html
const trackingPeriod = 400 * 24 * time.Hour

// accessReport is what the policies of a user, group or role, or one policy, give access
// to, and who can use them. Policies of other types do not count.
type accessReport struct {
	call     *op.Call
	actions  bool
	policies []*policy.Document
	users    iter.Seq2[*directory.Entity, error] // users and roles, each at least once
}

// reportOf is nil if what the job is about no longer exists.
func reportOf(c *op.Call, job *directory.AccessJob) (*accessReport, error) {
	r := &accessReport{call: c, actions: job.Actions}
	if strings.HasPrefix(string(job.Of), string(ids.Policy)) {
		p, err := directory.PolicyByID(c.Snap, job.Account, job.Of)
		if err != nil || p == nil {
			return nil, err
		}
		return r, r.aboutPolicy(p)
	}
	e, err := directory.BearerByID(c.Snap, job.Account, job.Of)
	if err != nil || e == nil {
		return nil, err
	}
	sources, err := sourcesOf(c, identity{Entity: e})
	if err != nil {
		return nil, err
	}
	for _, s := range sources {
		r.policies = append(r.policies, s.Document)
	}
	r.users = membersOf(c, one(e))
	return r, nil
}

func (r *accessReport) aboutPolicy(p *directory.Policy) error {
	text, err := directory.PolicyText(r.call.Snap, p, p.Default)
	if err != nil {
		return err
	}
	s, err := read(directory.Bearing{Name: p.ARN(), Managed: p, Holder: p.Common(), Text: text})
	if err != nil {
		return err
	}
	r.policies = []*policy.Document{s.Document}
	r.users = membersOf(r.call, directory.AttachedTo(r.call.Snap, r.call.Caller.Account, p.ID, ""))
	return nil
}

func one(e *directory.Entity) iter.Seq2[*directory.Entity, error] {
	return func(yield func(*directory.Entity, error) bool) { yield(e, nil) }
}

// membersOf yields the users in each group in place of the group.
func membersOf(c *op.Call, seq iter.Seq2[*directory.Entity, error]) iter.Seq2[*directory.Entity, error] {
	return func(yield func(*directory.Entity, error) bool) {
		for e, err := range seq {
			if err != nil || entityType(e.ID) != shape.EntityTypeGroup {
				if !yield(e, err) {
					return
				}
				continue
			}
			g := &directory.Group{Entity: *e}
			for u, err := range g.Users(c.Snap, "") {
				if err != nil {
					yield(nil, err)
					return
				}
				if !yield(u.Common(), nil) {
					return
				}
			}
		}
	}
}

// services are the namespaces of the services that the policies give access to, in
// order: of those that have a name here, and of those that the policies themselves name.
func (r *accessReport) services() []string {
	var list []string
	for namespace := range serviceNames {
		list = append(list, namespace)
	}
	for _, doc := range r.policies {
		list = append(list, doc.Services()...)
	}
	slices.Sort(list)
	list = slices.Compact(list)
	return slices.DeleteFunc(list, func(namespace string) bool {
		return !slices.ContainsFunc(r.policies, func(doc *policy.Document) bool { return doc.AllowsService(namespace) })
	})
}

// lastAccess is the latest access to a service or by an operation, and whose it was.
type lastAccess struct {
	directory.Access
	by *directory.Entity
}

// serviceAccess is all that is known of the access to a service.
type serviceAccess struct {
	lastAccess
	entities int
	actions  map[string]lastAccess
}

// each yields the users and roles, each once, with what they accessed in the tracking period.
func (r *accessReport) each(f func(*directory.Entity, []*directory.Accessed) error) error {
	since := directory.At(r.call.Now.Add(-trackingPeriod))
	seen := map[ids.EntityID]bool{}
	for e, err := range r.users {
		if err != nil {
			return err
		}
		if seen[e.ID] {
			continue
		}
		seen[e.ID] = true
		var recent []*directory.Accessed
		for a, err := range directory.AccessedBy(r.call.Snap, e) {
			if err != nil {
				return err
			}
			if a.Last().Date >= since {
				recent = append(recent, a)
			}
		}
		if err := f(e, recent); err != nil {
			return err
		}
	}
	return nil
}

// accesses is what is known of each of these services.
func (r *accessReport) accesses() (map[string]*serviceAccess, error) {
	known := map[string]*serviceAccess{}
	since := directory.At(r.call.Now.Add(-trackingPeriod))
	return known, r.each(func(e *directory.Entity, accessed []*directory.Accessed) error {
		for _, a := range accessed {
			s := known[a.Service]
			if s == nil {
				s = &serviceAccess{actions: map[string]lastAccess{}}
				known[a.Service] = s
			}
			s.entities++
			if last := a.Last(); s.Date < last.Date {
				s.lastAccess = lastAccess{last, e}
			}
			for _, action := range a.Actions {
				if action.Date >= since && s.actions[action.Action].Date < action.Date {
					s.actions[action.Action] = lastAccess{action, e}
				}
			}
		}
		return nil
	})
}

func (r *accessReport) describe(services []string) ([]shape.ServiceLastAccessed, error) {
	known, err := r.accesses()
	if err != nil {
		return nil, err
	}
	out := make([]shape.ServiceLastAccessed, len(services))
	for i, namespace := range services {
		s := &out[i]
		*s = shape.ServiceLastAccessed{ServiceName: serviceName(namespace), ServiceNamespace: namespace, TotalAuthenticatedEntities: new(int32(0))}
		a := known[namespace]
		if a == nil {
			continue
		}
		s.LastAuthenticated, s.LastAuthenticatedRegion = new(a.Date.Time()), &a.Region
		s.LastAuthenticatedEntity = new(entityARN(a.by))
		s.TotalAuthenticatedEntities = new(int32(min(a.entities, math.MaxInt32)))
		if r.actions {
			s.TrackedActionsLastAccessed = describeActions(a.actions)
		}
	}
	return out, nil
}

func describeActions(actions map[string]lastAccess) []shape.TrackedActionLastAccessed {
	list := make([]shape.TrackedActionLastAccessed, 0, len(actions))
	for name, a := range actions {
		list = append(list, shape.TrackedActionLastAccessed{
			ActionName:         &name,
			LastAccessedEntity: new(entityARN(a.by)),
			LastAccessedRegion: new(a.Region),
			LastAccessedTime:   new(a.Date.Time()),
		})
	}
	slices.SortFunc(list, func(a, b shape.TrackedActionLastAccessed) int { return strings.Compare(*a.ActionName, *b.ActionName) })
	return list
}

func entityARN(e *directory.Entity) string {
	if entityType(e.ID) == shape.EntityTypeRole {
		return directory.Roles.ARN(e.Account, e.Path, e.Name)
	}
	return directory.Users.ARN(e.Account, e.Path, e.Name)
}

// accessor is a user or role that can access a service, and when it last did.
type accessor struct {
	*directory.Entity
	last directory.Millis // zero for never
}

// cursor is in the order of a listing, in which the latest access comes first.
func (a accessor) cursor() string { return fmt.Sprintf("%016x/%s", math.MaxInt64-int64(a.last), a.ID) }

func (r *accessReport) accessorsOf(namespace string) ([]accessor, error) {
	list := []accessor{}
	if !slices.Contains(r.services(), namespace) {
		return list, nil
	}
	err := r.each(func(e *directory.Entity, accessed []*directory.Accessed) error {
		a := accessor{Entity: e}
		for _, service := range accessed {
			if service.Service == namespace {
				a.last = service.Last().Date
			}
		}
		list = append(list, a)
		return nil
	})
	slices.SortFunc(list, func(a, b accessor) int { return cmp.Or(cmp.Compare(b.last, a.last), cmp.Compare(a.ID, b.ID)) })
	return list, err
}

func (a accessor) describe() shape.EntityDetails {
	d := shape.EntityDetails{EntityInfo: &shape.EntityInfo{
		Arn:  entityARN(a.Entity),
		Id:   string(a.ID),
		Name: a.Name,
		Path: &a.Path,
		Type: strings.ToUpper(entityType(a.ID)),
	}}
	if a.last != 0 {
		d.LastAuthenticated = new(a.last.Time())
	}
	return d
}
