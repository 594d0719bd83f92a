package test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-secretsmanager-caching-go/v2/secretcache"
)

// countedSecrets is a client that counts what a cache asks of the server.
type countedSecrets struct {
	*secretsmanager.Client
	described, read int
}

func (c *countedSecrets) DescribeSecret(ctx context.Context, in *secretsmanager.DescribeSecretInput, options ...func(*secretsmanager.Options)) (*secretsmanager.DescribeSecretOutput, error) {
	c.described++
	return c.Client.DescribeSecret(ctx, in, options...)
}

func (c *countedSecrets) GetSecretValue(ctx context.Context, in *secretsmanager.GetSecretValueInput, options ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	c.read++
	return c.Client.GetSecretValue(ctx, in, options...)
}

// AWS's cache for Go finds the versions of a secret by their labels, reads each value
// once, and sees a new one when it looks again.
func TestSecretCache(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx, c := t.Context(), &countedSecrets{Client: s.secrets(s.root(t))}
	cache := func(lifetime int64) *secretcache.Cache {
		return must[*secretcache.Cache](t)(secretcache.New(func(k *secretcache.Cache) { k.Client, k.CacheItemTTL = c, lifetime }))
	}
	lasting, brief := cache(secretcache.DefaultCacheItemTTL), cache(1) // nanosecond
	want := func(from *secretcache.Cache, stage, value string, described, read int) {
		t.Helper()
		c.described, c.read = 0, 0
		got := must[string](t)(from.GetSecretStringWithStageWithContext(ctx, "app/key", stage))
		if got != value || c.described != described || c.read != read {
			t.Errorf("%s: got %q after %d descriptions and %d readings, want %q after %d and %d", stage, got, c.described, c.read, value, described, read)
		}
	}
	_, err := lasting.GetSecretStringWithContext(ctx, "none")
	refusedAs(t, err, "ResourceNotFoundException", noSuchSecret)

	must[*secretsmanager.CreateSecretOutput](t)(c.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: new("app/key"), SecretString: new("one"), ClientRequestToken: new(firstVersion)}))
	want(lasting, "AWSCURRENT", "one", 1, 1)
	want(lasting, "AWSCURRENT", "one", 0, 0)
	want(brief, "AWSCURRENT", "one", 1, 1)

	// A rotation puts a pending version, and then moves the label.
	must[*secretsmanager.PutSecretValueOutput](t)(c.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
		SecretId: new("app/key"), SecretString: new("two"), ClientRequestToken: new(secondVersion), VersionStages: []string{"AWSPENDING"},
	}))
	want(brief, "AWSCURRENT", "one", 1, 0)
	want(brief, "AWSPENDING", "two", 1, 1)
	must[*secretsmanager.UpdateSecretVersionStageOutput](t)(c.UpdateSecretVersionStage(ctx, &secretsmanager.UpdateSecretVersionStageInput{
		SecretId: new("app/key"), VersionStage: new("AWSCURRENT"), RemoveFromVersionId: new(firstVersion), MoveToVersionId: new(secondVersion),
	}))
	want(brief, "AWSCURRENT", "two", 1, 0)
	want(brief, "AWSPREVIOUS", "one", 1, 0)
	want(lasting, "AWSCURRENT", "one", 0, 0)
	lasting.RefreshNowWithContext(ctx, "app/key") // waits some seconds, for servers' sake
	want(lasting, "AWSCURRENT", "two", 0, 1)
}
