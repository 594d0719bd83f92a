package secrets

import (
	"context"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/secretsmanager"
	"github.com/iamd-project/iamd/internal/store"
)

func replicaOperations() []op.Operation {
	return []op.Operation{
		op.Write("ReplicateSecretToRegions", needReplicateSecretToRegions, replicateSecretToRegions),
		op.Write("RemoveRegionsFromReplication", needRemoveRegionsFromReplication, removeRegionsFromReplication),
		op.Write("StopReplicationToReplica", needStopReplicationToReplica, stopReplicationToReplica),
	}
}

// How many replicas one call makes and a secret has: each takes some of the writes that
// a transaction may have.
const (
	replicasAtOnce = 10
	mostReplicas   = 30
)

// takenName is why there is no replica where a secret of its name is.
const takenName = "Secret with this name already exists in this region"

func needReplicateSecretToRegions(c *op.Call, in *shape.ReplicateSecretToRegionsRequest) ([]op.Need, error) {
	return need(c, "ReplicateSecretToRegions", in.SecretId, keys{}.regions(in.AddReplicaRegions).truth(keyForceOverwrite, in.ForceOverwriteReplicaSecret))
}

func replicateSecretToRegions(_ context.Context, c *op.Call, in *shape.ReplicateSecretToRegionsRequest) (*shape.ReplicateSecretToRegionsResponse, error) {
	was, err := own(c)
	if err != nil {
		return nil, err
	}
	changed := *was
	if err := replicate(c, &changed, in.AddReplicaRegions, orElse(in.ForceOverwriteReplicaSecret, false)); err != nil {
		return nil, err
	}
	return &shape.ReplicateSecretToRegionsResponse{ARN: new(was.ARN()), ReplicationStatus: describeReplicas(c, &changed)}, put(c, was, &changed)
}

// replicate gives s replicas. Where that cannot be, s says so in its list.
func replicate(c *op.Call, s *directory.Secret, add []shape.ReplicaRegionType, force bool) error {
	s.Replicas = slices.Clone(s.Replicas)
	seen := map[string]bool{}
	for _, in := range add {
		region := orElse(in.Region, "")
		switch {
		case region == "" || region == s.Region || len(region) > maxRegion:
			return invalidParameter("Invalid replica region.")
		case seen[region]:
			return invalidParameter("Region %s is there twice.", region)
		case len(seen) == replicasAtOnce:
			return invalidParameter("One call adds at most %d replica regions.", replicasAtOnce)
		}
		seen[region] = true
		replica, err := replicateTo(c, s, directory.SecretReplica{Region: region, KMSKey: orElse(in.KmsKeyId, "")}, force)
		if err != nil {
			return err
		}
		s.Replicas = append(withoutReplicas(s.Replicas, []string{region}), replica)
	}
	slices.SortFunc(s.Replicas, func(a, b directory.SecretReplica) int { return strings.Compare(a.Region, b.Region) })
	if len(s.Replicas) > mostReplicas {
		return invalidParameter("A secret has at most %d replica regions.", mostReplicas)
	}
	return nil
}

// replicateTo makes one replica, unless it is there already, and says how that went.
func replicateTo(c *op.Call, s *directory.Secret, as directory.SecretReplica, force bool) (directory.SecretReplica, error) {
	old, err := directory.GetSecret(c.Tx, s.Account, as.Region, s.Name)
	if err != nil {
		return as, err
	}
	replica := &directory.Secret{
		Account: s.Account, Region: as.Region, Name: s.Name, Suffix: s.Suffix, Primary: s.Region,
		Created: directory.At(c.Now), KMSKey: as.KMSKey,
	}
	switch {
	case old == nil:
		if err := checkCount(c, s.Account, as.Region); err != nil {
			return as, err
		}
	case old.Primary == s.Region: // only its key can be another
		changed := *old
		changed.KMSKey = as.KMSKey
		return as, put(c, old, &changed)
	case !gone(c, old) && (!force || old.IsReplica() || len(old.Replicas) > 0):
		as.Failed = takenName
		return as, nil
	default:
		if err := directory.DeleteSecret(c.Tx, old); err != nil {
			return as, err
		}
	}
	return as, put(c, nil, replica)
}

// checkCount refuses one more secret than a region may have.
func checkCount(c *op.Call, a ids.Account, region string) error {
	n, err := directory.CountSecrets(c.Tx, a, region)
	if err == nil && n >= c.Quota(secretsPerRegion) {
		err = limitExceeded(secretsPerRegion, c.Quota(secretsPerRegion))
	}
	return err
}

func needRemoveRegionsFromReplication(c *op.Call, in *shape.RemoveRegionsFromReplicationRequest) ([]op.Need, error) {
	return needOnly(c, "RemoveRegionsFromReplication", in.SecretId)
}

// removeRegionsFromReplication does not mind regions without a replica.
func removeRegionsFromReplication(_ context.Context, c *op.Call, in *shape.RemoveRegionsFromReplicationRequest) (*shape.RemoveRegionsFromReplicationResponse, error) {
	was, err := own(c)
	if err != nil {
		return nil, err
	}
	changed := *was
	changed.Replicas = withoutReplicas(was.Replicas, in.RemoveReplicaRegions)
	for _, r := range was.Replicas {
		if r.Failed != "" || !slices.Contains(in.RemoveReplicaRegions, r.Region) {
			continue
		}
		replica, err := directory.GetSecret(c.Tx, was.Account, r.Region, was.Name)
		if err != nil {
			return nil, err
		}
		if err := directory.DeleteSecret(c.Tx, replica); err != nil {
			return nil, err
		}
	}
	return &shape.RemoveRegionsFromReplicationResponse{ARN: new(was.ARN()), ReplicationStatus: describeReplicas(c, &changed)}, put(c, was, &changed)
}

func withoutReplicas(list []directory.SecretReplica, regions []string) []directory.SecretReplica {
	return slices.DeleteFunc(slices.Clone(list), func(r directory.SecretReplica) bool { return slices.Contains(regions, r.Region) })
}

func needStopReplicationToReplica(c *op.Call, in *shape.StopReplicationToReplicaRequest) ([]op.Need, error) {
	return needOnly(c, "StopReplicationToReplica", in.SecretId)
}

// stopReplicationToReplica makes a secret of its own of a replica. Deprecated versions
// stay behind.
func stopReplicationToReplica(_ context.Context, c *op.Call, _ *shape.StopReplicationToReplicaRequest) (*shape.StopReplicationToReplicaResponse, error) {
	s, err := live(c)
	if err != nil {
		return nil, err
	}
	if !s.here.IsReplica() {
		return nil, invalidRequest("The secret is not a replica.")
	}
	promoted := *s.main
	promoted.Region, promoted.KMSKey, promoted.Created, promoted.Accessed = s.here.Region, s.here.KMSKey, s.here.Created, s.here.Accessed
	promoted.Replicas, promoted.Rotation = nil, nil
	promoted.Versions = slices.DeleteFunc(cloneVersions(s.main.Versions), func(v directory.SecretVersion) bool { return len(v.Stages) == 0 })
	if err := takeValues(c, s.main, &promoted); err != nil {
		return nil, err
	}
	primary := *s.main
	primary.Replicas = withoutReplicas(primary.Replicas, []string{s.here.Region})
	if err := put(c, s.main, &primary); err != nil {
		return nil, err
	}
	return &shape.StopReplicationToReplicaResponse{ARN: &s.arn}, put(c, s.here, &promoted)
}

// mostTaken is how many bytes of values go from one secret to another in one transaction.
const mostTaken = store.MaxBytes - 3*store.MaxValue

// takeValues copies the values of to's versions from another secret.
func takeValues(c *op.Call, from, to *directory.Secret) error {
	size := 0
	for i := range to.Versions {
		v := &to.Versions[i]
		v.KMSKey = to.KMSKey
		data, err := directory.SecretValue(c.Tx, c.Keyring, from, v.ID)
		if err != nil {
			return err
		}
		if size += len(data); size > mostTaken {
			return invalidRequest("The versions with staging labels have more than %d bytes together: remove labels first.", mostTaken)
		}
		if err := directory.PutSecretValue(c.Tx, c.Keyring, to, v.ID, data); err != nil {
			return err
		}
	}
	return nil
}

func replicaRegions(s *directory.Secret) []string {
	out := make([]string, len(s.Replicas))
	for i, r := range s.Replicas {
		out[i] = r.Region
	}
	return out
}

// describeReplicas is nil for a secret without any.
func describeReplicas(c *op.Call, s *directory.Secret) []shape.ReplicationStatusType {
	var out []shape.ReplicationStatusType
	for i := range s.Replicas {
		r := &s.Replicas[i]
		status := shape.ReplicationStatusType{Region: &r.Region, KmsKeyId: new(r.KMSKey), Status: new(shape.StatusTypeInSync)}
		if r.KMSKey == "" {
			status.KmsKeyId = new("alias/aws/secretsmanager")
		}
		if r.Failed != "" {
			status.Status, status.StatusMessage = new(shape.StatusTypeFailed), &r.Failed
		} else if rec, err := directory.GetSecret(c.Snap, s.Account, r.Region, s.Name); err == nil && rec != nil {
			status.LastAccessedDate = date(rec.Accessed)
		}
		out = append(out, status)
	}
	return out
}
