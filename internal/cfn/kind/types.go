package kind

import "sync"

// types is every resource type there is.
var types = sync.OnceValue(func() map[string]*Type {
	all := map[string]*Type{}
	for _, t := range []*Type{
		accessKey.erase(),
		user.erase(),
		group.erase(),
		role.erase(),
		policy.erase(),
		userPolicy.erase(),
		groupPolicy.erase(),
		rolePolicy.erase(),
		managedPolicy.erase(),
		userToGroup.erase(),
		instanceProfile.erase(),
		oidcProvider.erase(),
		samlProvider.erase(),
		serviceLinkedRole.erase(),
		mfaDevice.erase(),
		serverCertificate.erase(),
		secret.erase(),
		secretPolicy.erase(),
		rotationSchedule.erase(),
		secretTarget.erase(),
		parameter.erase(),
		bucket.erase(),
		bucketPolicy.erase(),
		kmsKey.erase(),
		kmsAlias.erase(),
		repository.erase(),
		metadata.erase(),
		stack.erase(),
		waitHandle.erase(),
		waitCondition.erase(),
	} {
		all[t.Name] = t
	}
	return all
})

// Find is the type of that name; nil for one that iamd does not make.
func Find(name string) *Type { return types()[name] }
