// Package kept is services of which stacks have a resource or two, and iamd nothing but
// its record: keys of KMS that encrypt nothing, repositories of ECR that take no images.
// Only stacks make them, so that nobody takes one for more than it is; every other
// operation says what iamd does not run.
package kept

import (
	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/shapes"
	"github.com/iamd-project/iamd/internal/shapes/ecr"
	"github.com/iamd-project/iamd/internal/shapes/kms"
)

// What iamd has in place of these services, as the end of "it has no …".
const (
	noKMS = "KMS behind the keys of stacks, which are records"
	noECR = "registry of images behind the repositories of stacks, which are records"
)

// KMS is Key Management Service, as far as stacks need it.
func KMS() op.Service {
	return service(&kms.Service, awserr.Spelling{Internal: "KMSInternalException", Kinds: awserr.JSON.Kinds}, noKMS, append(keyOperations(), aliasOperations()...))
}

// ECR is Elastic Container Registry, as far as stacks need it.
func ECR() op.Service {
	return service(&ecr.Service, awserr.Spelling{Internal: "ServerException", Kinds: awserr.JSON.Kinds}, noECR, repositoryOperations())
}

func service(shape *shapes.Service, spelling awserr.Spelling, lacks string, built []op.Operation) op.Service {
	has := map[string]bool{}
	for _, o := range built {
		has[o.Name] = true
	}
	without := op.Without{Feature: lacks}
	for _, o := range shape.Operations {
		if !has[o.Name] {
			without.Operations = append(without.Operations, o.Name)
		}
	}
	return op.Service{Shape: shape, Spelling: spelling, Operations: built, Without: []op.Without{without}}
}

// onlyStacks refuses what nobody but CloudFormation may make.
func onlyStacks(c *op.Call, operation, lacks string) error {
	if c.BySystem() {
		return nil
	}
	return awserr.Refuse(awserr.NotBuilt, "iamd does not support %s outside of stacks: it has no %s.", operation, lacks)
}

// find is the caller's resource of that type and name in the call's region, or nil.
func find(c *op.Call, t directory.KeptType, name string) (*directory.Kept, error) {
	return directory.GetKept(c.Snap, t, c.Caller.Account, c.Region, name)
}

// named is the resource of that type and name, whether it is there or not.
func named(c *op.Call, t directory.KeptType, name string) *directory.Kept {
	return &directory.Kept{Type: t, Account: c.Caller.Account, Region: c.Region, Name: name, Created: directory.At(c.Now)}
}

// needOn is the permission on a resource, be it there or not.
func needOn(action string, k *directory.Kept) op.Need {
	return op.Need{Action: action, Resource: k.ARN()}
}
