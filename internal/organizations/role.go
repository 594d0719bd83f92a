package organizations

import (
	"errors"

	"github.com/iamd-project/iamd/arn"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
)

// accessRoleSession is how long a session of the role may last, in seconds: IAM's
// own default.
const accessRoleSession = 3600

// makeAccessRole makes the role by which users and roles of the account that manages
// an organization administer a new one.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access-cross-account-role.html
func makeAccessRole(c *op.Call, in, manager ids.Account, name string) error {
	aws := arn.Owner{Partition: "aws", Account: string(directory.AWS)}
	admin, err := directory.FindPolicy(c.Snap, aws.Entity(arn.Entity{Kind: arn.Policy, Path: "/", Name: "AdministratorAccess"}))
	if err == nil && admin == nil {
		err = errors.New("AWS has no policy AdministratorAccess")
	}
	if err != nil {
		return err
	}
	return directory.Roles.Put(c.Tx, nil, &directory.Role{
		Entity: directory.Entity{
			ID:       c.IDs.EntityID(ids.Role),
			Account:  in,
			Name:     name,
			Path:     "/",
			Created:  directory.At(c.Now),
			Attached: []ids.EntityID{admin.ID},
		},
		Trust: directory.Document(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` +
			directory.RootARN(manager) + `"},"Action":"sts:AssumeRole"}]}`),
		MaxSession: accessRoleSession,
	})
}
