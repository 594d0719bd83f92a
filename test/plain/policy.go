package plain

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var policyARN = regexp.MustCompile(`^arn:aws:iam::(\d{12}|aws):(policy|user)/`)

// arnOf is the ARN of a policy that a parameter names, and its account.
func (r *run) arnOf(parameter string) (arn, account string) {
	arn = r.text(parameter)
	m := policyARN.FindStringSubmatch(arn)
	if m == nil {
		refuse(400, "ValidationError", "Invalid ARN:  Could not be parsed!")
	}
	if m[2] != "policy" {
		refuse(400, "InvalidInput", "ARN %s is not valid.", arn)
	}
	return arn, m[1]
}

// managed is the policy that PolicyArn names, the account's own or AWS's.
func (r *run) managed() *Entity {
	arn, _ := r.arnOf("PolicyArn")
	p := r.policy(arn)
	if p == nil {
		noSuchEntity("Policy %s was not found.", arn)
	}
	return p
}

// own is a policy that the account may change.
func (r *run) own() *Entity {
	if _, account := r.arnOf("PolicyArn"); account != r.Account {
		refuse(403, "AccessDenied", "Policy is outside your own account.")
	}
	return r.managed()
}

// attachable is a policy to be used, which those of service-linked roles cannot be.
func (r *run) attachable(parameter, missing string) string {
	arn, _ := r.arnOf(parameter)
	p := r.policy(arn)
	if p == nil {
		noSuchEntity(missing, arn)
	}
	if p.Account == AWS && strings.HasPrefix(p.Path, "/aws-service-role/") {
		refuse(400, "PolicyNotAttachable", "Cannot attach a Service Role Policy to a Customer Role.")
	}
	return arn
}

func (r *run) boundary() string {
	if r.optional("PermissionsBoundary") == nil {
		return ""
	}
	return r.attachable("PermissionsBoundary", "Scope ARN: %s does not exist or is not attachable.")
}

func putBoundary(find func(*run) *Entity) func(*run) Object {
	return func(r *run) Object {
		e := find(r)
		e.Boundary = r.boundary()
		return Object{}
	}
}

func deleteBoundary(find func(*run) *Entity) func(*run) Object {
	return func(r *run) Object {
		find(r).Boundary = ""
		return Object{}
	}
}

func createPolicy(r *run) Object {
	r.free(Policy, r.text("PolicyName"))
	document := r.managedDocument()
	tags := r.newTags(nil)
	p := r.add(Policy, r.text("PolicyName"))
	p.Tags, p.Description = tags, r.optional("Description")
	p.addVersion(document, r.chosen.Date)
	p.Default = 1
	return Object{"Policy": describePolicy(r, p).showTags(p)}
}

func (e *Entity) addVersion(document, date string) {
	e.Last++
	e.Versions = append(e.Versions, Version{e.Last, document, date})
	e.Updated = date
}

func getPolicy(r *run) Object {
	p := r.managed()
	return Object{"Policy": describePolicy(r, p).showDescription(p).showAllTags(p)}
}

func deletePolicy(r *run) Object {
	p := r.own()
	attached, boundary := r.uses(p)
	if attached+boundary > 0 {
		refuse(409, "DeleteConflict", "Cannot delete a policy attached to entities.")
	}
	if len(p.Versions) > 1 {
		refuse(409, "DeleteConflict", "This policy has more than one version. Before you delete a policy, you must delete "+
			"the policy's versions. The default version is deleted with the policy.")
	}
	return r.remove(p)
}

// uses counts the entities that have a policy attached, and as their boundary.
func (r *run) uses(p *Entity) (attached, boundary int) {
	for _, e := range r.Entities {
		if slices.Contains(e.Attached, p.ARN()) {
			attached++
		}
		if e.Boundary == p.ARN() {
			boundary++
		}
	}
	return attached, boundary
}

func describePolicy(r *run, p *Entity) Object {
	attached, boundary := r.uses(p)
	return Object{
		"PolicyName": p.Name, "Path": p.Path, "PolicyId": p.ID, "Arn": p.ARN(), "CreateDate": p.Created, "UpdateDate": p.Updated,
		"DefaultVersionId": versionID(p.Default), "IsAttachable": true,
		"AttachmentCount": attached, "PermissionsBoundaryUsageCount": boundary,
	}
}

// listPolicies has the account's own policies before AWS's.
func listPolicies(r *run) Object {
	prefix := r.textOr("PathPrefix", "/")
	scope := r.textOr("Scope", "All")
	l := list{}
	for _, p := range r.Entities {
		attached, boundary := r.uses(p)
		used := !r.flag("OnlyAttached") || attached+boundary > 0
		switch r.text("PolicyUsageFilter") {
		case "PermissionsPolicy":
			used = attached > 0
		case "PermissionsBoundary":
			used = boundary > 0
		}
		if p.Kind != Policy || !used || !strings.HasPrefix(p.Path, prefix) {
			continue
		}
		switch {
		case p.Account == AWS && scope != "Local":
			l.add("2 "+strings.ToLower(p.Name), describePolicy(r, p))
		case p.Account == r.Account && scope != "AWS":
			l.add("1 "+placeOf(prefix, p), describePolicy(r, p))
		}
	}
	return r.page("Policies", l)
}

func createPolicyVersion(r *run) Object {
	p := r.own()
	document := r.managedDocument()
	if len(p.Versions) >= 5 {
		refuse(409, "LimitExceeded", "A managed policy can have up to 5 versions. "+
			"Before you create a new version, you must delete an existing version.")
	}
	p.addVersion(document, r.chosen.Date)
	if r.flag("SetAsDefault") {
		p.Default = p.Last
	}
	return Object{"PolicyVersion": describeVersion(p, p.Versions[len(p.Versions)-1])}
}

func getPolicyVersion(r *run) Object {
	p := r.managed()
	v := p.Versions[r.version(p)]
	out := describeVersion(p, v)
	out["Document"] = encode(v.Document)
	return Object{"PolicyVersion": out}
}

// listPolicyVersions has the newest first.
func listPolicyVersions(r *run) Object {
	p := r.managed()
	l := list{}
	for _, v := range p.Versions {
		l.add(fmt.Sprintf("%06d", 999999-v.Number), describeVersion(p, v))
	}
	return r.page("Versions", l)
}

func setDefaultPolicyVersion(r *run) Object {
	p := r.own()
	p.Default = p.Versions[r.version(p)].Number
	return Object{}
}

func deletePolicyVersion(r *run) Object {
	p := r.own()
	at := r.version(p)
	if p.Versions[at].Number == p.Default {
		refuse(409, "DeleteConflict", "Cannot delete the default version of a policy.")
	}
	p.Versions = slices.Delete(p.Versions, at, at+1)
	return Object{}
}

// version is the place of the version that VersionId names.
func (r *run) version(p *Entity) int {
	at := slices.IndexFunc(p.Versions, func(v Version) bool { return versionID(v.Number) == r.text("VersionId") })
	if at < 0 {
		noSuchEntity("Policy %s version %s does not exist or is not attachable.", p.ARN(), r.text("VersionId"))
	}
	return at
}

func versionID(n int) string { return "v" + strconv.Itoa(n) }

func describeVersion(p *Entity, v Version) Object {
	return Object{"VersionId": versionID(v.Number), "IsDefaultVersion": v.Number == p.Default, "CreateDate": v.Created}
}

// listEntitiesForPolicy has those that have the policy attached, by their IDs, and
// then those whose boundary it is; nobody comes twice.
func listEntitiesForPolicy(r *run) Object {
	p := r.managed()
	usage, kind := r.text("PolicyUsageFilter"), r.text("EntityFilter")
	l := list{}
	for _, e := range r.Entities {
		if !strings.HasPrefix(e.Path, r.textOr("PathPrefix", "/")) || kind != "" && !strings.EqualFold(kind, string(e.Kind)) {
			continue
		}
		attached, boundary := slices.Contains(e.Attached, p.ARN()), e.Boundary == p.ARN()
		switch {
		case attached && usage != "PermissionsBoundary":
			l.add("1 "+e.ID, e)
		case boundary && usage != "PermissionsPolicy":
			l.add("2 "+e.ID, e)
		}
	}
	items, out := r.cut(l)
	groups, users, roles := []Object{}, []Object{}, []Object{}
	for _, item := range items {
		switch e := item.(*Entity); e.Kind {
		case Group:
			groups = append(groups, Object{"GroupId": e.ID, "GroupName": e.Name})
		case Role:
			roles = append(roles, Object{"RoleId": e.ID, "RoleName": e.Name})
		default:
			users = append(users, Object{"UserId": e.ID, "UserName": e.Name})
		}
	}
	out["PolicyGroups"], out["PolicyUsers"], out["PolicyRoles"] = groups, users, roles
	return out
}
