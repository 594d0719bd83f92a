package plain

import (
	"net/url"
	"strings"
)

func createRole(r *run) Object {
	if strings.HasPrefix(r.text("Path"), "/aws-service-role/") {
		refuse(400, "InvalidInput", "Path prefix '/aws-service-role/' can only be used for AWS Service linked Roles")
	}
	r.free(Role, r.text("RoleName"))
	trust := r.trust("AssumeRolePolicyDocument")
	tags, boundary := r.newTags(nil), r.boundary()
	e := r.add(Role, r.text("RoleName"))
	e.Tags, e.Boundary, e.Trust, e.Description, e.MaxSession = tags, boundary, trust, r.optional("Description"), 3600
	if n, ok := r.In["MaxSessionDuration"].(int); ok {
		e.MaxSession = n
	}
	return Object{"Role": describeRole(e).showTags(e).showBoundary(e)}
}

func getRole(r *run) Object {
	e := r.must(Role, "RoleName")
	out := listedRole(r, e).showTags(e).showBoundary(e)
	out["RoleLastUsed"] = Object{}
	return Object{"Role": out}
}

func updateRole(r *run) Object {
	e := r.must(Role, "RoleName")
	if d := r.optional("Description"); d != nil {
		e.Description = d
	}
	if n, ok := r.In["MaxSessionDuration"].(int); ok {
		e.MaxSession = n
	}
	return Object{}
}

func updateRoleDescription(r *run) Object {
	e := r.must(Role, "RoleName")
	e.Description = r.optional("Description")
	return Object{"Role": describeRole(e).showDescription(e)}
}

func updateAssumeRolePolicy(r *run) Object {
	e := r.must(Role, "RoleName")
	e.Trust = r.trust("PolicyDocument")
	return Object{}
}

func deleteRole(r *run) Object {
	e := r.must(Role, "RoleName")
	conflict(len(r.profilesOf(e)) > 0, "remove roles from instance profile")
	conflict(len(e.Attached) > 0, "detach all policies")
	conflict(len(e.Inline) > 0, "delete policies")
	return r.remove(e)
}

// describeRole is what all replies say; each of them adds something of its own.
func describeRole(e *Entity) Object {
	return Object{
		"RoleName": e.Name, "Path": e.Path, "RoleId": e.ID, "Arn": e.ARN(), "CreateDate": e.Created,
		"AssumeRolePolicyDocument": encode(e.Trust),
	}
}

func listedRole(_ *run, e *Entity) Object {
	out := describeRole(e).showDescription(e)
	out["MaxSessionDuration"] = e.MaxSession
	return out
}

func (o Object) showDescription(e *Entity) Object {
	if e.Description != nil {
		o["Description"] = *e.Description
	}
	return o
}

// encode is a document in a reply: percent-encoded by RFC 3986.
func encode(document string) string {
	return strings.ReplaceAll(url.QueryEscape(document), "+", "%20")
}

func createInstanceProfile(r *run) Object {
	r.free(Profile, r.text("InstanceProfileName"))
	tags := r.newTags(nil)
	p := r.add(Profile, r.text("InstanceProfileName"))
	p.Tags = tags
	return Object{"InstanceProfile": describeProfile(r, p).showTags(p)}
}

func getInstanceProfile(r *run) Object {
	p := r.must(Profile, "InstanceProfileName")
	return Object{"InstanceProfile": describeProfile(r, p).showAllTags(p)}
}

func deleteInstanceProfile(r *run) Object {
	p := r.must(Profile, "InstanceProfileName")
	conflict(p.Role != "", "remove roles from instance profile")
	return r.remove(p)
}

func addRoleToInstanceProfile(r *run) Object {
	p, e := r.must(Profile, "InstanceProfileName"), r.must(Role, "RoleName")
	if p.Role != "" {
		quota("InstanceSessionsPerInstanceProfile", 1, 1)
	}
	p.Role = e.ID
	return Object{}
}

func removeRoleFromInstanceProfile(r *run) Object {
	p, e := r.must(Profile, "InstanceProfileName"), r.must(Role, "RoleName")
	if p.Role != e.ID {
		noSuchEntity("Role %s in Instance Profile %s cannot be found.", r.text("RoleName"), r.text("InstanceProfileName"))
	}
	p.Role = ""
	return Object{}
}

// listInstanceProfilesForRole is in the order of IDs.
func listInstanceProfilesForRole(r *run) Object {
	l := list{}
	for _, p := range r.profilesOf(r.must(Role, "RoleName")) {
		l.add(p.ID, describeProfile(r, p))
	}
	return r.page("InstanceProfiles", l)
}

func (r *run) profilesOf(role *Entity) []*Entity {
	var profiles []*Entity
	for _, p := range r.Of(Profile) {
		if p.Role == role.ID {
			profiles = append(profiles, p)
		}
	}
	return profiles
}

func describeProfile(r *run, p *Entity) Object {
	roles := []Object{}
	if p.Role != "" {
		roles = append(roles, describeRole(r.Entities[p.Role]))
	}
	return Object{
		"InstanceProfileName": p.Name, "Path": p.Path, "InstanceProfileId": p.ID, "Arn": p.ARN(), "CreateDate": p.Created,
		"Roles": roles,
	}
}
