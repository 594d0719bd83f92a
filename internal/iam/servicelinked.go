package iam

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/iamd-project/iamd/arn"
	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

// serviceLinkedPath begins the paths of the roles that belong to AWS's services.
// Their account makes and deletes them by operations of their own, and may not
// change them. Their policies have the same path.
const serviceLinkedPath = "/aws-service-role/"

func isServiceLinked(path string) bool { return strings.HasPrefix(path, serviceLinkedPath) }

func serviceLinkedRoleOperations() []op.Operation {
	return []op.Operation{
		op.Write("CreateServiceLinkedRole", needCreateServiceLinkedRole, createServiceLinkedRole),
		op.Write("DeleteServiceLinkedRole", needDeleteServiceLinkedRole, deleteServiceLinkedRole),
		op.Read("GetServiceLinkedRoleDeletionStatus", needServiceLinkedRoleDeletionStatus, getServiceLinkedRoleDeletionStatus),
	}
}

func needCreateServiceLinkedRole(c *op.Call, in *shape.CreateServiceLinkedRoleRequest) ([]op.Need, error) {
	name := "*" // of a service without a role
	if role, ok := serviceRoleOf(in.AWSServiceName); ok {
		name = role.roleName(in.CustomSuffix)
	}
	needs := need("CreateServiceLinkedRole", directory.Roles.ARN(c.Caller.Account, serviceLinkedPath+in.AWSServiceName+"/", name))
	return withContext(needs, "iam:awsservicename", in.AWSServiceName), nil
}

func createServiceLinkedRole(_ context.Context, c *op.Call, in *shape.CreateServiceLinkedRoleRequest) (*shape.CreateServiceLinkedRoleResponse, error) {
	role, ok := serviceRoleOf(in.AWSServiceName)
	if !ok {
		return nil, awserr.New(403, "AccessDenied", "Cannot find Service Linked Role template for %s", in.AWSServiceName)
	}
	if in.CustomSuffix != nil && !role.suffix {
		return nil, invalidInput("Custom suffix is not allowed for %s", in.AWSServiceName)
	}
	name := role.roleName(in.CustomSuffix)
	if len(name) > maxRoleName {
		return nil, invalidInput("Service role name %s is too long, please try a shorter suffix.", name)
	}
	taken, err := directory.Roles.ByName(c.Snap, c.Caller.Account, name)
	if err != nil {
		return nil, err
	}
	if taken != nil {
		return nil, invalidInput("Service role name %s has been taken in this account, please try a different suffix.", name)
	}
	if err := checkAccountRoom(c, directory.Roles, rolesPerAccount); err != nil {
		return nil, err
	}
	policy, err := serviceRolePolicy(c, role.policy)
	if err != nil {
		return nil, err
	}
	r := &directory.Role{
		Entity: directory.Entity{
			ID:       c.IDs.EntityID(ids.Role),
			Account:  c.Caller.Account,
			Name:     name,
			Path:     serviceLinkedPath + in.AWSServiceName + "/",
			Created:  directory.At(c.Now),
			Attached: []ids.EntityID{policy.ID},
		},
		Trust:       directory.Document(fmt.Sprintf(serviceTrust, in.AWSServiceName)),
		Description: in.Description,
		MaxSession:  defaultMaxSession,
	}
	if err := directory.Roles.Put(c.Tx, nil, r); err != nil {
		return nil, err
	}
	return &shape.CreateServiceLinkedRoleResponse{Role: describeRole(r)}, nil
}

// serviceTrust is a trust policy that names one service.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceLinkedRole.html
const serviceTrust = `{"Version":"2012-10-17","Statement":[{"Action":["sts:AssumeRole"],"Effect":"Allow","Principal":{"Service":["%s"]}}]}`

const maxRoleName = 64

// serviceRolePolicy is AWS's policy of that name for a service's role.
func serviceRolePolicy(c *op.Call, name string) (*directory.Policy, error) {
	aws := arn.Owner{Partition: "aws", Account: string(directory.AWS)}
	p, err := directory.FindPolicy(c.Snap, aws.Entity(arn.Entity{Kind: arn.Policy, Path: serviceLinkedPath, Name: name}))
	if err == nil && p == nil {
		err = fmt.Errorf("AWS has no policy %s", name)
	}
	return p, err
}

func needDeleteServiceLinkedRole(c *op.Call, in *shape.DeleteServiceLinkedRoleRequest) ([]op.Need, error) {
	return needRole(c, "DeleteServiceLinkedRole", in.RoleName)
}

// deleteServiceLinkedRole is done when it replies. On AWS, the service is first
// asked whether it still uses the role; here, no service does.
func deleteServiceLinkedRole(_ context.Context, c *op.Call, in *shape.DeleteServiceLinkedRoleRequest) (*shape.DeleteServiceLinkedRoleResponse, error) {
	r, err := mustRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	if !isServiceLinked(r.Path) {
		return nil, noSuchEntity("The role with name %s cannot be found.", in.RoleName)
	}
	d := &directory.RoleDeletion{
		Account: r.Account,
		Task:    "task" + r.Path + r.Name + "/" + c.IDs.UUID(),
		Done:    directory.At(c.Now),
	}
	if err := directory.PutRoleDeletion(c.Tx, d); err != nil {
		return nil, err
	}
	return &shape.DeleteServiceLinkedRoleResponse{DeletionTaskId: d.Task}, forgetRole(c, r)
}

// needServiceLinkedRoleDeletionStatus is a permission on the role that the task
// names: task/aws-service-role/<service>/<role>/<UUID>. The role itself is gone.
func needServiceLinkedRoleDeletionStatus(c *op.Call, in *shape.GetServiceLinkedRoleDeletionStatusRequest) ([]op.Need, error) {
	role, _ := path.Split(strings.TrimPrefix(in.DeletionTaskId, "task"))
	folder, name := path.Split(strings.TrimSuffix(role, "/"))
	return need("GetServiceLinkedRoleDeletionStatus", directory.Roles.ARN(c.Caller.Account, folder, name)), nil
}

func getServiceLinkedRoleDeletionStatus(_ context.Context, c *op.Call, in *shape.GetServiceLinkedRoleDeletionStatusRequest) (*shape.GetServiceLinkedRoleDeletionStatusResponse, error) {
	d, err := directory.GetRoleDeletion(c.Snap, c.Caller.Account, in.DeletionTaskId)
	if err != nil {
		return nil, err
	}
	if d == nil {
		return nil, noSuchEntity("The deletion task with id %s cannot be found.", in.DeletionTaskId)
	}
	return &shape.GetServiceLinkedRoleDeletionStatusResponse{Status: shape.DeletionTaskStatusTypeSucceeded}, nil
}
