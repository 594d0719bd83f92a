package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// boto3's transfers, presigned URLs and ways to name a bucket.
func TestBoto3Objects(t *testing.T) {
	t.Parallel()
	s := start(t)
	k := s.root(t)
	cmd := exec.CommandContext(t.Context(), "python3", "-B", filepath.Join("testdata", "objects.py"), s.url)
	mustRun(t, run(t, cmd, append(cleanEnv(t), "HOME="+os.Getenv("HOME"), "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ACCESS_KEY_ID="+k.ID, "AWS_SECRET_ACCESS_KEY="+k.Secret)))
	mustRun(t, iamd(t, "doctor", "--data", s.data))
}

// The AWS CLI's own commands for objects; a file of over 8 MiB goes in parts.
func TestCLIObjects(t *testing.T) {
	t.Parallel()
	s := start(t)
	got := s.bash(t, `
set -e
cd "$(mktemp -d)"
aws s3 mb s3://shelf
head -c 9000000 /dev/urandom > big; mkdir -p tree/sub; echo one > tree/1; echo two > tree/sub/2
aws s3 cp big s3://shelf/big --no-progress --quiet; aws s3 cp s3://shelf/big back --quiet; cmp big back && echo same
aws s3api head-object --bucket shelf --key big --query ContentLength
aws s3 sync tree s3://shelf/tree --quiet; aws s3 sync tree s3://shelf/tree # nothing is left to do
aws s3 ls s3://shelf --recursive | awk '{print $3, $4}'
aws s3 cp s3://shelf/tree/1 s3://shelf/copied --quiet; aws s3 cp s3://shelf/copied -
aws configure set default.s3.signature_version s3v4
curl -sf "$(aws s3 presign s3://shelf/copied)"
aws s3 mv s3://shelf/copied s3://shelf/moved --quiet; aws s3 rm s3://shelf/moved
aws s3 cp s3://shelf/none . 2>&1 | tail -1 || true
aws s3api create-multipart-upload --bucket shelf --key left --query Key
aws s3 rb s3://shelf --force 2>&1 | grep -o "An error.*"
id=$(aws s3api list-multipart-uploads --bucket shelf --query 'Uploads[0].UploadId' --output text)
aws s3api abort-multipart-upload --bucket shelf --key left --upload-id $id; aws s3 rb s3://shelf; aws s3 ls
`)
	mustRun(t, got)
	want := `make_bucket: shelf
same
9000000
9000000 big
4 tree/1
4 tree/sub/2
one
one
delete: s3://shelf/moved
fatal error: An error occurred (404) when calling the HeadObject operation: Key "none" does not exist
"left"
An error occurred (BucketNotEmpty) when calling the DeleteBucket operation: The bucket you tried to delete is not empty
remove_bucket: shelf
`
	if got.stdout != want {
		t.Errorf("got\n%s\nwant\n%s", got.stdout, want)
	}
	mustRun(t, iamd(t, "doctor", "--data", s.data))
}
