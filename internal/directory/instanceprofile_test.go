package directory

import (
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/ids/idstest"
	"github.com/iamd-project/iamd/internal/store"
)

// fillProfile is fill with a role in an instance profile.
func fillProfile(t *testing.T) (*filled, *InstanceProfile, *Role) {
	f := fill(t)
	src := idstest.Source(t.Name())
	role := &Role{Entity: Entity{ID: src.EntityID(ids.Role), Account: f.ann.Account, Name: "Builder", Path: "/"}, Trust: plainPolicy}
	p := &InstanceProfile{Entity: Entity{ID: src.EntityID(ids.InstanceProfile), Account: f.ann.Account, Name: "Web", Path: "/app/"}}
	f.update(func(tx store.Tx) error {
		must(t, Roles.Put(tx, nil, role))
		must(t, InstanceProfiles.Put(tx, nil, p))
		return FillProfile(tx, p, role)
	})
	must(t, f.store.View(t.Context(), func(r store.Reader) (err error) {
		p, err = InstanceProfiles.ByID(r, p.Account, p.ID)
		return err
	}))
	return f, p, role
}

func TestProfileAndRoleFindEachOther(t *testing.T) {
	f, p, role := fillProfile(t)
	if r := f.check(); r.Found != 0 {
		t.Errorf("problems %q", r.Problems)
	}
	must(t, f.store.View(t.Context(), func(r store.Reader) error {
		if got, err := RoleIn(r, p); err != nil || got == nil || got.ID != role.ID {
			t.Errorf("the profile's role: %v, %v", got, err)
		}
		for got, err := range role.InstanceProfiles(r, "") {
			if err != nil || got.ID != p.ID {
				t.Errorf("a profile of the role: %v, %v", got, err)
			}
		}
		return nil
	}))
}

func TestCheckFindsInProfiles(t *testing.T) {
	for name, tc := range map[string]struct {
		damage func(tx store.Tx, p *InstanceProfile, role *Role) error
		want   string
	}{
		"role without its name": {func(tx store.Tx, _ *InstanceProfile, role *Role) error {
			return tx.Delete(Roles.nameKey(role.Account, role.Name))
		}, "index rolename/123456789012/builder leads to"},
		"profile without its path": {func(tx store.Tx, p *InstanceProfile, _ *Role) error {
			return tx.Delete(InstanceProfiles.pathKey(p.Account, p.Path, p.Name))
		}, "index instanceprofilepath/123456789012/app/ web leads to"},
		"role that does not know its profile": {func(tx store.Tx, p *InstanceProfile, role *Role) error {
			return tx.Delete(pairKey(profilesOf, p.Account, role.ID, p.ID))
		}, "index profileof/123456789012/"},
		"profile that does not know its role": {func(tx store.Tx, p *InstanceProfile, _ *Role) error {
			changed := *p
			changed.Role = ""
			return InstanceProfiles.Put(tx, p, &changed)
		}, "which is no instance profile of this role"},
		"profile of a role that is gone": {func(tx store.Tx, _ *InstanceProfile, role *Role) error { return Roles.Delete(tx, role) }, "does not exist"},
		"role in a profile that is gone": {func(tx store.Tx, p *InstanceProfile, _ *Role) error { return InstanceProfiles.Delete(tx, p) }, "which is no instance profile of this role"},
		"deletion in a wrong place": {func(tx store.Tx, p *InstanceProfile, _ *Role) error {
			return put(tx, roleDeletionKey(p.Account, "task/x"), &RoleDeletion{Account: p.Account, Task: "task/y"})
		}, "holds deletion task/y"},
	} {
		t.Run(name, func(t *testing.T) {
			f, p, role := fillProfile(t)
			f.update(func(tx store.Tx) error { return tc.damage(tx, p, role) })
			if r := f.check(); !strings.Contains(strings.Join(r.Problems, "\n"), tc.want) {
				t.Errorf("problems %q, want one with %q", r.Problems, tc.want)
			}
		})
	}
}
