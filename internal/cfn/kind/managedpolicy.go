package kind

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/shapes/iam"
)

type managedPolicyProperties struct {
	ManagedPolicyName string `json:",omitempty"`
	Path              string `json:",omitempty"`
	Description       string `json:",omitempty"`
	PolicyDocument    document
	bearers
}

// mostVersions is how many versions a policy may have.
const mostVersions = 5

var managedPolicy = Kind[managedPolicyProperties]{
	Type: "AWS::IAM::ManagedPolicy",
	Create: func(ctx context.Context, api API, r Resource, want *managedPolicyProperties) (Result, error) {
		reply, err := Do[iam.CreatePolicyResponse](ctx, api, &iam.CreatePolicyRequest{
			PolicyName:     cmp.Or(want.ManagedPolicyName, r.Name(mostEntityName)),
			Path:           orNil(want.Path),
			Description:    orNil(want.Description),
			PolicyDocument: want.PolicyDocument.text,
		})
		if err != nil {
			return Result{}, err
		}
		made := policyResult(reply.Policy)
		if err := changeBearers(ctx, api, made.Physical, &managedPolicyProperties{}, want); err != nil {
			return made, err
		}
		return describePolicy(ctx, api, made)
	},
	Update: func(ctx context.Context, api API, r Resource, was, want *managedPolicyProperties) (Result, error) {
		if was.PolicyDocument.text != want.PolicyDocument.text {
			if err := newPolicyVersion(ctx, api, r.Physical, want.PolicyDocument.text); err != nil {
				return Result{}, err
			}
		}
		if err := changeBearers(ctx, api, r.Physical, was, want); err != nil {
			return Result{}, err
		}
		return describePolicy(ctx, api, Result{Physical: r.Physical})
	},
	Delete: func(ctx context.Context, api API, r Resource, was *managedPolicyProperties) error {
		if err := changeBearers(ctx, api, r.Physical, was, &managedPolicyProperties{}); err != nil {
			return err
		}
		if err := deleteOldVersions(ctx, api, r.Physical); err != nil {
			return ignore(err, "NoSuchEntity")
		}
		_, err := api.Call(ctx, &iam.DeletePolicyRequest{PolicyArn: r.Physical})
		return ignore(err, "NoSuchEntity")
	},
	Read: func(ctx context.Context, api API, r Resource, was *managedPolicyProperties) (*managedPolicyProperties, Result, error) {
		reply, err := Do[iam.GetPolicyResponse](ctx, api, &iam.GetPolicyRequest{PolicyArn: r.Physical})
		if err != nil {
			return nil, Result{}, ignore(err, "NoSuchEntity")
		}
		p := reply.Policy
		version, err := Do[iam.GetPolicyVersionResponse](ctx, api,
			&iam.GetPolicyVersionRequest{PolicyArn: r.Physical, VersionId: orNone(p.DefaultVersionId)})
		if err != nil {
			return nil, Result{}, err
		}
		text, err := decoded(version.PolicyVersion.Document)
		if err != nil {
			return nil, Result{}, err
		}
		is := &managedPolicyProperties{
			ManagedPolicyName: orNone(p.PolicyName),
			Path:              orNone(p.Path),
			Description:       orNone(p.Description),
			PolicyDocument:    was.PolicyDocument.now(text),
		}
		is.bearers, err = readBearers(ctx, api, r.Physical, &was.bearers)
		return is, policyResult(p), err
	},
}

// describePolicy is a policy with its attributes as they are now.
func describePolicy(ctx context.Context, api API, made Result) (Result, error) {
	reply, err := Do[iam.GetPolicyResponse](ctx, api, &iam.GetPolicyRequest{PolicyArn: made.Physical})
	if err != nil {
		return made, err
	}
	return policyResult(reply.Policy), nil
}

func policyResult(p *iam.Policy) Result {
	date := func(t *time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
	return Result{Physical: *p.Arn, Attrs: map[string]string{
		"PolicyArn":                     *p.Arn,
		"PolicyId":                      *p.PolicyId,
		"AttachmentCount":               strconv.Itoa(int(*p.AttachmentCount)),
		"CreateDate":                    date(p.CreateDate),
		"DefaultVersionId":              *p.DefaultVersionId,
		"IsAttachable":                  strconv.FormatBool(*p.IsAttachable),
		"PermissionsBoundaryUsageCount": strconv.Itoa(int(*p.PermissionsBoundaryUsageCount)),
		"UpdateDate":                    date(p.UpdateDate),
	}}
}

func changeBearers(ctx context.Context, api API, arn string, was, want *managedPolicyProperties) error {
	before, after := was.all(), want.all()
	for _, b := range missing(after, before) {
		if _, err := api.Call(ctx, b.attach(b.name, arn)); err != nil {
			return err
		}
	}
	for _, b := range missing(before, after) {
		if _, err := api.Call(ctx, b.detach(b.name, arn)); absent(err) != nil {
			return err
		}
	}
	return nil
}

// newPolicyVersion makes room for a version, if it must, and makes it the default.
func newPolicyVersion(ctx context.Context, api API, arn, text string) error {
	old, all, err := oldVersions(ctx, api, arn)
	if err != nil {
		return err
	}
	if all >= mostVersions && len(old) > 0 {
		if err := deleteVersion(ctx, api, arn, old[0]); err != nil {
			return err
		}
	}
	_, err = api.Call(ctx, &iam.CreatePolicyVersionRequest{PolicyArn: arn, PolicyDocument: text, SetAsDefault: new(true)})
	return err
}

// deleteOldVersions deletes all versions but the default one. It looks again for what is
// left: in a step that is run again the first of these calls are only repeated, whatever
// they are asked for.
func deleteOldVersions(ctx context.Context, api API, arn string) error {
	for range 2 * mostVersions {
		old, _, err := oldVersions(ctx, api, arn)
		if err != nil || len(old) == 0 {
			return err
		}
		for _, id := range old {
			if err := deleteVersion(ctx, api, arn, id); err != nil {
				return err
			}
		}
	}
	return awserr.New(409, "DeleteConflict", "Policy %s gets new versions while it is deleted.", arn)
}

func deleteVersion(ctx context.Context, api API, arn, id string) error {
	_, err := api.Call(ctx, &iam.DeletePolicyVersionRequest{PolicyArn: arn, VersionId: id})
	return ignore(err, "NoSuchEntity")
}

// oldVersions are the IDs of the versions that are not the default, the oldest first,
// and how many versions there are in all.
func oldVersions(ctx context.Context, api API, arn string) (old []string, all int, err error) {
	in := &iam.ListPolicyVersionsRequest{PolicyArn: arn}
	err = eachPage(ctx, api, in, &in.Marker, func(page *iam.ListPolicyVersionsResponse) *string {
		for _, v := range page.Versions { // the newest first
			all++
			if !*v.IsDefaultVersion {
				old = append([]string{*v.VersionId}, old...)
			}
		}
		return page.Marker
	})
	return old, all, err
}

func readBearers(ctx context.Context, api API, arn string, was *bearers) (bearers, error) {
	var is bearers
	in := &iam.ListEntitiesForPolicyRequest{PolicyArn: arn, PolicyUsageFilter: new(iam.PolicyUsageTypePermissionsPolicy)}
	err := eachPage(ctx, api, in, &in.Marker, func(page *iam.ListEntitiesForPolicyResponse) *string {
		for _, g := range page.PolicyGroups {
			is.Groups = append(is.Groups, orNone(g.GroupName))
		}
		for _, r := range page.PolicyRoles {
			is.Roles = append(is.Roles, orNone(r.RoleName))
		}
		for _, u := range page.PolicyUsers {
			is.Users = append(is.Users, orNone(u.UserName))
		}
		return page.Marker
	})
	return bearers{
		Groups: orderedNames(is.Groups, was.Groups),
		Roles:  orderedNames(is.Roles, was.Roles),
		Users:  orderedNames(is.Users, was.Users),
	}, err
}
