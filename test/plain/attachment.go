package plain

import (
	"maps"
	"slices"
	"strings"
)

// quotas of users, groups and roles.
var (
	policiesPer = map[Kind]string{User: "PoliciesPerUser", Group: "PoliciesPerGroup", Role: "PoliciesPerRole"}
	inlineSize  = map[Kind]int{User: 2048, Group: 5120, Role: 10240}
)

func attach(find func(*run) *Entity) func(*run) Object {
	return func(r *run) Object {
		r.arnOf("PolicyArn") // what is no ARN is refused first
		e := find(r)
		arn := r.attachable("PolicyArn", "Policy %s does not exist or is not attachable.")
		if !slices.Contains(e.Attached, arn) {
			quota(policiesPer[e.Kind], len(e.Attached), 10)
			e.Attached = append(e.Attached, arn)
		}
		return Object{}
	}
}

func detach(find func(*run) *Entity) func(*run) Object {
	return func(r *run) Object {
		r.arnOf("PolicyArn")
		e := find(r)
		at := slices.Index(e.Attached, r.managed().ARN())
		if at < 0 {
			noSuchEntity("Policy %s was not found.", r.text("PolicyArn"))
		}
		e.Attached = slices.Delete(e.Attached, at, at+1)
		return Object{}
	}
}

func listAttached(find func(*run) *Entity) func(*run) Object {
	return func(r *run) Object {
		l := list{}
		for _, arn := range find(r).Attached {
			p := r.policy(arn)
			if strings.HasPrefix(p.Path, r.textOr("PathPrefix", "/")) {
				l.add(strings.ToLower(p.Name)+"/"+p.Account, Object{"PolicyName": p.Name, "PolicyArn": arn})
			}
		}
		return r.page("AttachedPolicies", l)
	}
}

func putInline(find func(*run) *Entity) func(*run) Object {
	return func(r *run) Object {
		e := find(r)
		document := r.document("PolicyDocument", identityDocument)
		size := sizeOf(document)
		for name, other := range e.Inline {
			if name != r.text("PolicyName") {
				size += sizeOf(other)
			}
		}
		if most := inlineSize[e.Kind]; size > most {
			refuse(409, "LimitExceeded", "Maximum policy size of %d bytes exceeded for %s %s", most, e.Kind, e.Name)
		}
		e.Inline[r.text("PolicyName")] = document
		return Object{}
	}
}

func getInline(find func(*run) *Entity, owner string) func(*run) Object {
	return func(r *run) Object {
		e := find(r)
		return Object{owner: e.Name, "PolicyName": r.text("PolicyName"), "PolicyDocument": encode(r.inline(e))}
	}
}

func deleteInline(find func(*run) *Entity) func(*run) Object {
	return func(r *run) Object {
		e := find(r)
		r.inline(e)
		delete(e.Inline, r.text("PolicyName"))
		return Object{}
	}
}

// inline is the document of the policy that PolicyName names; case matters.
func (r *run) inline(e *Entity) string {
	document, ok := e.Inline[r.text("PolicyName")]
	if !ok {
		noSuchEntity("The %s policy with name %s cannot be found.", e.Kind, r.text("PolicyName"))
	}
	return document
}

func listInline(find func(*run) *Entity) func(*run) Object {
	return func(r *run) Object {
		l := list{}
		for name := range maps.Keys(find(r).Inline) {
			l.add(name, name)
		}
		return r.page("PolicyNames", l)
	}
}
