package secrets_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/op/optest"
	"github.com/iamd-project/iamd/internal/secrets"
	shape "github.com/iamd-project/iamd/internal/shapes/secretsmanager"
)

func TestVersionsKept(t *testing.T) {
	w := optest.New(t, secrets.Service())
	create(w, "s", "v")
	optest.Must[shape.UpdateSecretVersionStageResponse](w, w.Root(), "UpdateSecretVersionStage",
		&shape.UpdateSecretVersionStageRequest{SecretId: "s", VersionStage: "first", MoveToVersionId: new(token(1))})
	for i := 2; i <= 120; i++ {
		optest.Must[shape.PutSecretValueResponse](w, w.Root(), "PutSecretValue", &shape.PutSecretValueRequest{
			SecretId: "s", SecretString: new(fmt.Sprint(i)), ClientRequestToken: new(token(i)),
		})
	}
	out := optest.Must[shape.ListSecretVersionIdsResponse](w, w.Root(), "ListSecretVersionIds", &shape.ListSecretVersionIdsRequest{SecretId: "s", IncludeDeprecated: new(true)})
	if n := len(out.Versions); n != 100 || *out.Versions[99].VersionId != token(1) || *out.Versions[98].VersionId != token(22) {
		t.Errorf("%d versions, the oldest %s and %s", n, *out.Versions[n-1].VersionId, *out.Versions[n-2].VersionId)
	}
	labelled := optest.Must[shape.ListSecretVersionIdsResponse](w, w.Root(), "ListSecretVersionIds", &shape.ListSecretVersionIdsRequest{SecretId: "s", MaxResults: new(int32(2))})
	if len(labelled.Versions) != 2 || labelled.NextToken == nil || *labelled.Versions[0].VersionId != token(120) || *labelled.Versions[1].VersionId != token(119) {
		t.Errorf("versions with labels: %+v", labelled)
	}
	rest := optest.Must[shape.ListSecretVersionIdsResponse](w, w.Root(), "ListSecretVersionIds", &shape.ListSecretVersionIdsRequest{SecretId: "s", NextToken: labelled.NextToken})
	if len(rest.Versions) != 1 || *rest.Versions[0].VersionId != token(1) || rest.NextToken != nil {
		t.Errorf("the rest: %+v", rest)
	}
	labels := make([]string, 20)
	for i := range labels {
		labels[i] = fmt.Sprint("label", i)
	}
	put := &shape.PutSecretValueRequest{SecretId: "s", SecretString: new("v"), ClientRequestToken: new(token(200)), VersionStages: labels}
	refused(t, w, "PutSecretValue", put, "LimitExceededException", "Cannot exceed quota for StagingLabelsPerSecret: 20")
	put.VersionStages = labels[:17]
	optest.Must[shape.PutSecretValueResponse](w, w.Root(), "PutSecretValue", put)
}

func TestUpdateSecret(t *testing.T) {
	w := optest.New(t, secrets.Service())
	create(w, "s", "v")
	update := func(in shape.UpdateSecretRequest) *shape.UpdateSecretResponse {
		in.SecretId, in.ClientRequestToken = "s", new(token(2))
		return optest.Must[shape.UpdateSecretResponse](w, w.Root(), "UpdateSecret", &in)
	}
	w.Now = w.Now.Add(time.Hour)
	if out := update(shape.UpdateSecretRequest{Description: new("d"), KmsKeyId: new("alias/k")}); out.VersionId != nil {
		t.Errorf("UpdateSecret replied %+v", out)
	}
	d := describe(w, "s")
	if *d.Description != "d" || *d.KmsKeyId != "alias/k" || *d.LastChangedDate != w.Now || d.CreatedDate.Equal(w.Now) {
		t.Errorf("DescribeSecret replied %+v", d)
	}
	if out := update(shape.UpdateSecretRequest{SecretBinary: []byte{0, 255}, Description: new("")}); *out.VersionId != token(2) {
		t.Errorf("UpdateSecret replied %+v", out)
	}
	if got := read(w, "s"); !slices.Equal(got.SecretBinary, []byte{0, 255}) || got.SecretString != nil {
		t.Errorf("GetSecretValue replied %+v", got)
	}
	if d = describe(w, "s"); d.Description != nil || !reflect.DeepEqual(d.VersionIdsToStages, map[string][]string{token(1): {"AWSPREVIOUS"}, token(2): {"AWSCURRENT"}}) {
		t.Errorf("DescribeSecret replied %+v", d)
	}
	versions := optest.Must[shape.ListSecretVersionIdsResponse](w, w.Root(), "ListSecretVersionIds", &shape.ListSecretVersionIdsRequest{SecretId: "s"}).Versions
	if versions[0].KmsKeyIds[0] != "alias/k" || versions[1].KmsKeyIds[0] != "alias/k" {
		t.Errorf("versions %+v", versions)
	}
}

func TestLastAccessed(t *testing.T) {
	w := optest.New(t, secrets.Service())
	create(w, "s", "v")
	if d := describe(w, "s"); d.LastAccessedDate != nil {
		t.Errorf("accessed on %v", d.LastAccessedDate)
	}
	read(w, "s")
	today := w.Now.Truncate(24 * time.Hour)
	before := describe(w, "s")
	if *before.LastAccessedDate != today || *before.LastChangedDate != w.Now {
		t.Errorf("accessed on %v", before.LastAccessedDate)
	}
	w.Now = w.Now.AddDate(0, 0, 2)
	read(w, "s")
	v := optest.Must[shape.ListSecretVersionIdsResponse](w, w.Root(), "ListSecretVersionIds", &shape.ListSecretVersionIdsRequest{SecretId: "s"}).Versions[0]
	if d := describe(w, "s"); *d.LastAccessedDate != today.AddDate(0, 0, 2) || *v.LastAccessedDate != *d.LastAccessedDate || *d.LastChangedDate != *before.LastChangedDate {
		t.Errorf("accessed on %v and %v, changed on %v", d.LastAccessedDate, v.LastAccessedDate, d.LastChangedDate)
	}
}
