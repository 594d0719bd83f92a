package plain

import (
	"slices"
	"strings"
)

func createGroup(r *run) Object {
	r.free(Group, r.text("GroupName"))
	return Object{"Group": describeGroup(r, r.add(Group, r.text("GroupName")))}
}

// getGroup has the users in the order of their IDs.
func getGroup(r *run) Object {
	g := r.must(Group, "GroupName")
	l := list{}
	for _, u := range r.members(g) {
		l.add(u.ID, describeUser(r, u))
	}
	out := r.page("Users", l)
	out["Group"] = describeGroup(r, g)
	return out
}

func (r *run) members(g *Entity) []*Entity {
	return slices.DeleteFunc(r.Of(User), func(u *Entity) bool { return !slices.Contains(u.Groups, g.ID) })
}

func deleteGroup(r *run) Object {
	g := r.must(Group, "GroupName")
	conflict(len(r.members(g)) > 0, "remove users from group")
	conflict(len(g.Attached) > 0, "detach all policies")
	conflict(len(g.Inline) > 0, "delete policies")
	return r.remove(g)
}

func addUserToGroup(r *run) Object {
	g, u := r.must(Group, "GroupName"), r.must(User, "UserName")
	if !slices.Contains(u.Groups, g.ID) {
		quota("GroupsPerUser", len(u.Groups), 10)
		u.Groups = append(u.Groups, g.ID)
	}
	return Object{}
}

func removeUserFromGroup(r *run) Object {
	g, u := r.must(Group, "GroupName"), r.must(User, "UserName")
	u.Groups = slices.DeleteFunc(u.Groups, func(id string) bool { return id == g.ID })
	return Object{}
}

func listGroupsForUser(r *run) Object {
	l := list{}
	for _, id := range r.must(User, "UserName").Groups {
		g := r.Entities[id]
		l.add(strings.ToLower(g.Name), describeGroup(r, g))
	}
	return r.page("Groups", l)
}

func describeGroup(_ *run, g *Entity) Object {
	return Object{"GroupName": g.Name, "Path": g.Path, "GroupId": g.ID, "Arn": g.ARN(), "CreateDate": g.Created}
}
