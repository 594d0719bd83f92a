package iam

import (
	"fmt"
	"slices"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

// details puts all that there is to say of entities into a reply. Lists are there
// even when they are empty.
type details struct {
	c     *op.Call
	out   *shape.GetAccountAuthorizationDetailsResponse
	bytes int // of the documents so far, as they are in the reply
}

func newDetails(c *op.Call) *details {
	return &details{c: c, out: &shape.GetAccountAuthorizationDetailsResponse{
		UserDetailList:  []shape.UserDetail{},
		GroupDetailList: []shape.GroupDetail{},
		RoleDetailList:  []shape.RoleDetail{},
		Policies:        []shape.ManagedPolicyDetail{},
		IsTruncated:     new(false),
	}}
}

func (d *details) document(text directory.Document) *string {
	encoded := encodeDocument(text)
	d.bytes += len(encoded)
	return &encoded
}

func (d *details) user(u *directory.User) error {
	groups, err := directory.GroupsOf(d.c.Snap, u)
	if err != nil {
		return err
	}
	names := make([]string, len(groups))
	for i, g := range groups {
		names[i] = g.Name
	}
	inline, attached, err := d.policiesOf(u.Common())
	if err != nil {
		return err
	}
	boundary, err := describeBoundary(d.c, u.Common())
	if err != nil {
		return err
	}
	d.out.UserDetailList = append(d.out.UserDetailList, shape.UserDetail{
		Path:                    &u.Path,
		UserName:                &u.Name,
		UserId:                  new(string(u.ID)),
		Arn:                     new(u.ARN()),
		CreateDate:              new(u.Created.Time()),
		GroupList:               names,
		UserPolicyList:          inline,
		AttachedManagedPolicies: attached,
		PermissionsBoundary:     boundary,
		Tags:                    shownTags(u.Tags),
	})
	return nil
}

func (d *details) group(g *directory.Group) error {
	inline, attached, err := d.policiesOf(g.Common())
	if err != nil {
		return err
	}
	d.out.GroupDetailList = append(d.out.GroupDetailList, shape.GroupDetail{
		Path:                    &g.Path,
		GroupName:               &g.Name,
		GroupId:                 new(string(g.ID)),
		Arn:                     new(g.ARN()),
		CreateDate:              new(g.Created.Time()),
		GroupPolicyList:         inline,
		AttachedManagedPolicies: attached,
	})
	return nil
}

func (d *details) role(r *directory.Role) error {
	inline, attached, err := d.policiesOf(r.Common())
	if err != nil {
		return err
	}
	boundary, err := describeBoundary(d.c, r.Common())
	if err != nil {
		return err
	}
	used, err := describeLastUsed(d.c, r)
	if err != nil {
		return err
	}
	profiles := []shape.InstanceProfile{}
	for p, err := range r.InstanceProfiles(d.c.Snap, "") {
		if err != nil {
			return err
		}
		described, err := describeInstanceProfile(d.c, p)
		if err != nil {
			return err
		}
		d.bytes += len(*described.Roles[0].AssumeRolePolicyDocument)
		profiles = append(profiles, *described)
	}
	d.out.RoleDetailList = append(d.out.RoleDetailList, shape.RoleDetail{
		Path:                     &r.Path,
		RoleName:                 &r.Name,
		RoleId:                   new(string(r.ID)),
		Arn:                      new(r.ARN()),
		CreateDate:               new(r.Created.Time()),
		AssumeRolePolicyDocument: d.document(r.Trust),
		InstanceProfileList:      profiles,
		RolePolicyList:           inline,
		AttachedManagedPolicies:  attached,
		PermissionsBoundary:      boundary,
		Tags:                     shownTags(r.Tags),
		RoleLastUsed:             used,
	})
	return nil
}

// policy shows all versions, the newest first.
func (d *details) policy(p *directory.Policy) error {
	use, err := directory.UseOf(d.c.Snap, d.c.Caller.Account, p.ID)
	if err != nil {
		return err
	}
	var versions []shape.PolicyVersion
	for _, v := range slices.Backward(p.Versions) {
		text, err := directory.PolicyText(d.c.Snap, p, v.Number)
		if err != nil {
			return err
		}
		version := describeVersion(p, v)
		version.Document = d.document(text)
		versions = append(versions, *version)
	}
	short := describePolicy(p, use)
	d.out.Policies = append(d.out.Policies, shape.ManagedPolicyDetail{
		PolicyName:                    short.PolicyName,
		PolicyId:                      short.PolicyId,
		Arn:                           short.Arn,
		Path:                          short.Path,
		DefaultVersionId:              short.DefaultVersionId,
		AttachmentCount:               short.AttachmentCount,
		PermissionsBoundaryUsageCount: short.PermissionsBoundaryUsageCount,
		IsAttachable:                  short.IsAttachable,
		Description:                   p.Description,
		CreateDate:                    short.CreateDate,
		UpdateDate:                    short.UpdateDate,
		PolicyVersionList:             versions,
	})
	return nil
}

// policiesOf are the inline and the attached policies of a user, group or role.
func (d *details) policiesOf(e *directory.Entity) ([]shape.PolicyDetail, []shape.AttachedPolicy, error) {
	inline := make([]shape.PolicyDetail, len(e.Inline))
	for i, held := range e.Inline {
		p, err := e.InlinePolicy(d.c.Snap, held.Name)
		if err == nil && p == nil {
			err = fmt.Errorf("%s has no policy %s, which it lists", e.ID, held.Name)
		}
		if err != nil {
			return nil, nil, err
		}
		inline[i] = shape.PolicyDetail{PolicyName: &p.Name, PolicyDocument: d.document(p.Text)}
	}
	attached, err := attachedPolicies(d.c, e, "/")
	return inline, describeAttached(attached), err
}
