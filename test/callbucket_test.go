package test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// compact is JSON without the space in it.
func compact(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(text)); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return b.String()
}

// Objects are called for as everything else is: from the model.
func TestCallS3(t *testing.T) {
	t.Parallel()
	s := start(t)
	data := []byte("\x00\xffbinary\n\n")
	file := filepath.Join(t.TempDir(), "body")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	call := func(args ...string) result { return s.call(t, "", append([]string{"s3"}, args...)...) }
	done(t, call("create-bucket", "--bucket", "called"))
	done(t, call("put-object", "--bucket", "called", "--key", "a b/ü?", "--body", "hello", "--metadata", "who=me", "--content-type", "text/plain"))
	done(t, call("put-object", "--bucket", "called", "--key", "bin", "--body", "file://"+file))
	done(t, call("put-object", "--bucket", "called", "--key", "empty"))
	done(t, call("put-bucket-tagging", "--bucket", "called", "--tagging", `{"TagSet":[{"Key":"a","Value":"<&>"}]}`))
	for _, c := range []struct {
		want string
		args []string
	}{
		{`["called"]`, []string{"list-buckets", "--query", "Buckets[].Name"}},
		{`["hello","text/plain",{"who":"me"},5]`, []string{"get-object", "--bucket", "called", "--key", "a b/ü?", "--query", "[Body,ContentType,Metadata,ContentLength]"}},
		{`["ell","bytes 1-3/5"]`, []string{"get-object", "--bucket", "called", "--key", "a b/ü?", "--range", "bytes=1-3", "--query", "[Body,ContentRange]"}},
		{`["AP9iaW5hcnkKCg==",10]`, []string{"get-object", "--bucket", "called", "--key", "bin", "--query", "[Body,ContentLength]"}},
		{`["",0]`, []string{"get-object", "--bucket", "called", "--key", "empty", "--query", "[Body,ContentLength]"}},
		{`10`, []string{"head-object", "--bucket", "called", "--key", "bin", "--query", "ContentLength"}},
		{`["a b/ü?","bin","empty"]`, []string{"list-objects-v2", "--bucket", "called", "--max-keys", "1", "--all-pages", "--query", "Contents[].Key"}},
		{`[{"Key":"a","Value":"<&>"}]`, []string{"get-bucket-tagging", "--bucket", "called", "--query", "TagSet"}},
	} {
		if got := compact(t, done(t, call(c.args...)).stdout); got != c.want {
			t.Errorf("%q: %s, want %s", c.args, got, c.want)
		}
	}
	if raw := done(t, call("get-object", "--bucket", "called", "--key", "bin", "--raw-xml")); !bytes.Equal([]byte(raw.stdout), data) {
		t.Errorf("raw: %q", raw.stdout)
	}
	for _, c := range []struct {
		says string
		args []string
	}{
		{"an error occurred (NoSuchKey) when calling the GetObject operation: The specified key does not exist.", []string{"get-object", "--bucket", "called", "--key", "none"}},
		{"an error occurred (NoSuchBucket) when calling the ListObjectsV2 operation: The specified bucket does not exist", []string{"list-objects-v2", "--bucket", "none"}},
		{"an error occurred (HTTP404) when calling the HeadObject operation: the server answered 404 Not Found and no error that can be read", []string{"head-object", "--bucket", "called", "--key", "none"}},
		{"an error occurred (BucketNotEmpty) when calling the DeleteBucket operation: The bucket you tried to delete is not empty", []string{"delete-bucket", "--bucket", "called"}},
		{"Bucket must not be empty", []string{"list-objects-v2", "--bucket", ""}},
	} {
		if r := call(c.args...); r.code == 0 || !bytes.Contains([]byte(r.stderr), []byte(c.says)) {
			t.Errorf("%q: exit %d, %s", c.args, r.code, r.stderr)
		}
	}
	done(t, call("delete-objects", "--bucket", "called", "--delete", `{"Objects":[{"Key":"a b/ü?"},{"Key":"bin"},{"Key":"empty"}]}`))
	done(t, call("delete-bucket", "--bucket", "called"))
}
