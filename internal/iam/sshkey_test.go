package iam_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

// The same key three ways, with what ssh-keygen -l -E md5 says of it.
const (
	openSSHKey = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCTcOX5O59HhDV/NLy5SzvyfvAIsN7YWZFlPhqyH9ZLlpJPVyWJcEFMx5FmBWlWKkA1MJhSl8" +
		"fyw6jPgnPb9jfz32gxvHmFtvbnPTo/B+ZOXWVp/Eu85OdBHWB2Yy3FBS9+7VLA4Wag/zfSBSjMlEsiKYKDin403x0AJNYIf4CbSSeQqRA2cdBO" +
		"pu4P8ELNOuDXBtdDDrVAyrx+n4N2SW9MWI8Ck5iEC28eAEs5vv1toqhYWXP5Z4SmJev1GvVBw1RyR2KW5IfhIuthLsVTL+0RE7k8j4bHx2KgfN" +
		"YuLGV1Tpbd3knSr0hHLLF7SqJz0/kfBOrpz+9IwMCmzrYuidY1"
	pemKey = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAk3Dl+TufR4Q1fzS8uUs7
8n7wCLDe2FmRZT4ash/WS5aST1cliXBBTMeRZgVpVipANTCYUpfH8sOoz4Jz2/Y3
899oMbx5hbb25z06PwfmTl1lafxLvOTnQR1gdmMtxQUvfu1SwOFmoP830gUozJRL
IimCg4p+NN8dACTWCH+Am0knkKkQNnHQTqbuD/BCzTrg1wbXQw61QMq8fp+Ddklv
TFiPApOYhAtvHgBLOb79baKoWFlz+WeEpiXr9Rr1QcNUckdiluSH4SLrYS7FUy/t
ERO5PI+Gx8dioHzWLixldU6W3d5J0q9IRyyxe0qic9P5HwTq6c/vSMDAps62LonW
NQIDAQAB
-----END PUBLIC KEY-----`
	sshKeyFingerprint = "d3:65:5e:f0:c9:9f:84:00:52:54:74:d8:0e:25:34:5d"
)

// sshKey makes a well-formed key of its own for each n: nobody checks that it is a
// product of primes.
func sshKey(n, bits int) string {
	modulus := make([]byte, bits/8)
	for i := range modulus {
		modulus[i] = byte(n + i)
	}
	modulus[0] |= 0x80
	wire := "\x00\x00\x00\x07ssh-rsa\x00\x00\x00\x03\x01\x00\x01" + string([]byte{0, 0, byte((len(modulus) + 1) >> 8), byte(len(modulus) + 1), 0}) + string(modulus)
	return "ssh-rsa " + base64.StdEncoding.EncodeToString([]byte(wire))
}

func uploadSSH(w *optest.World, user, body string) *shape.SSHPublicKey {
	in := &shape.UploadSSHPublicKeyRequest{UserName: user, SSHPublicKeyBody: body}
	return optest.Must[shape.UploadSSHPublicKeyResponse](w, w.Root(), "UploadSSHPublicKey", in).SSHPublicKey
}

func TestSSHPublicKeyLife(t *testing.T) {
	w := optest.New(t, iam.Service())
	createUser(w, "Bob", "")
	k := uploadSSH(w, "bob", openSSHKey+" bob@example.com\n")
	if k.UserName != "Bob" || !strings.HasPrefix(k.SSHPublicKeyId, "APKA") || len(k.SSHPublicKeyId) != 20 || k.Status != "Active" || *k.UploadDate != w.Now {
		t.Errorf("UploadSSHPublicKey replied %+v", k)
	}
	if k.Fingerprint != sshKeyFingerprint || k.SSHPublicKeyBody != openSSHKey+" bob@example.com" {
		t.Errorf("fingerprint %s, body %s", k.Fingerprint, k.SSHPublicKeyBody)
	}
	for encoding, want := range map[string]string{"SSH": openSSHKey + " bob@example.com", "PEM": pemKey} {
		in := &shape.GetSSHPublicKeyRequest{UserName: "bob", SSHPublicKeyId: k.SSHPublicKeyId, Encoding: encoding}
		if got := optest.Must[shape.GetSSHPublicKeyResponse](w, w.Root(), "GetSSHPublicKey", in).SSHPublicKey; got.SSHPublicKeyBody != want {
			t.Errorf("%s:\n%s\nwant\n%s", encoding, got.SSHPublicKeyBody, want)
		}
	}
	const duplicate = "The SSH public key is already associated with the specified IAM user."
	w.Refused(w.Root(), "UploadSSHPublicKey", &shape.UploadSSHPublicKeyRequest{UserName: "bob", SSHPublicKeyBody: pemKey}, 400, "DuplicateSSHPublicKey", duplicate)

	// Another user may have the same key, given in PEM.
	createUser(w, "eve", "")
	hers := uploadSSH(w, "eve", pemKey)
	in := &shape.GetSSHPublicKeyRequest{UserName: "eve", SSHPublicKeyId: hers.SSHPublicKeyId, Encoding: "SSH"}
	if got := optest.Must[shape.GetSSHPublicKeyResponse](w, w.Root(), "GetSSHPublicKey", in).SSHPublicKey; got.SSHPublicKeyBody != openSSHKey || got.Fingerprint != sshKeyFingerprint {
		t.Errorf("GetSSHPublicKey replied %+v", got)
	}

	none := "The Public Key with id " + hers.SSHPublicKeyId + " cannot be found."
	w.Refused(w.Root(), "GetSSHPublicKey", &shape.GetSSHPublicKeyRequest{UserName: "bob", SSHPublicKeyId: hers.SSHPublicKeyId, Encoding: "SSH"}, 404, "NoSuchEntity", none)
	w.Refused(w.Root(), "DeleteSSHPublicKey", &shape.DeleteSSHPublicKeyRequest{UserName: "bob", SSHPublicKeyId: hers.SSHPublicKeyId}, 404, "NoSuchEntity", none)
	w.Refused(w.Root(), "UpdateSSHPublicKey", &shape.UpdateSSHPublicKeyRequest{UserName: "bob", SSHPublicKeyId: hers.SSHPublicKeyId, Status: "Active"}, 404, "NoSuchEntity", none)
	w.Refused(w.Root(), "UploadSSHPublicKey", &shape.UploadSSHPublicKeyRequest{UserName: "nobody", SSHPublicKeyBody: pemKey}, 404, "NoSuchEntity", "The user with name nobody cannot be found.")

	optest.Must[op.None](w, w.Root(), "UpdateSSHPublicKey", &shape.UpdateSSHPublicKeyRequest{UserName: "bob", SSHPublicKeyId: k.SSHPublicKeyId, Status: "Inactive"})
	list := optest.Must[shape.ListSSHPublicKeysResponse](w, w.User("Bob"), "ListSSHPublicKeys", &shape.ListSSHPublicKeysRequest{})
	if len(list.SSHPublicKeys) != 1 || list.SSHPublicKeys[0] != (shape.SSHPublicKeyMetadata{UserName: "Bob", SSHPublicKeyId: k.SSHPublicKeyId, Status: "Inactive", UploadDate: w.Now}) {
		t.Errorf("ListSSHPublicKeys replied %+v", list)
	}
	w.Refused(w.Root(), "DeleteUser", &shape.DeleteUserRequest{UserName: "Bob"}, 409, "DeleteConflict", "Cannot delete entity, must remove referenced objects first.")
	checkClean(t, w)
	optest.Must[op.None](w, w.Root(), "DeleteSSHPublicKey", &shape.DeleteSSHPublicKeyRequest{UserName: "bob", SSHPublicKeyId: k.SSHPublicKeyId})
	optest.Must[op.None](w, w.Root(), "DeleteUser", &shape.DeleteUserRequest{UserName: "Bob"})
}

func TestSSHPublicKeysPerUser(t *testing.T) {
	w := optest.New(t, iam.Service())
	createUser(w, "bob", "")
	var want []string
	for n := range 5 {
		want = append(want, uploadSSH(w, "bob", sshKey(n, 2048)).SSHPublicKeyId)
		w.Now = w.Now.Add(time.Second)
	}
	w.Refused(w.Root(), "UploadSSHPublicKey", &shape.UploadSSHPublicKeyRequest{UserName: "bob", SSHPublicKeyBody: sshKey(5, 2048)},
		409, "LimitExceeded", "Cannot exceed quota for SSHPublicKeysPerUser: 5")
	var got []string
	in := &shape.ListSSHPublicKeysRequest{UserName: new("bob"), MaxItems: new(int32(2))}
	for more := true; more; {
		out := optest.Must[shape.ListSSHPublicKeysResponse](w, w.Root(), "ListSSHPublicKeys", in)
		for _, k := range out.SSHPublicKeys {
			got = append(got, k.SSHPublicKeyId)
		}
		in.Marker, more = out.Marker, *out.IsTruncated
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("in pages: %v, want %v", got, want)
	}
}

func TestNotAnSSHPublicKey(t *testing.T) {
	w := optest.New(t, iam.Service())
	createUser(w, "bob", "")
	const (
		invalid      = "The public key is malformed or otherwise invalid."
		unrecognized = "The public key encoding format is unsupported or unrecognized."
	)
	for body, code := range map[string]string{
		"hello":                "UnrecognizedPublicKeyEncoding",
		"ssh-ed25519 AAAAC3Nz": "UnrecognizedPublicKeyEncoding",
		"ssh-rsa":              "UnrecognizedPublicKeyEncoding",
		"ssh-rsa !":            "InvalidPublicKey",
		"ssh-rsa AAAAB3Nz":     "InvalidPublicKey",
		openSSHKey[:200]:       "InvalidPublicKey",
		sshKey(0, 1024):        "InvalidPublicKey",
		"-----BEGIN PUBLIC KEY-----\n!\n-----END PUBLIC KEY-----": "InvalidPublicKey",
		strings.ReplaceAll(pemKey, "PUBLIC KEY", "CERTIFICATE"):   "UnrecognizedPublicKeyEncoding",
		pemKey + "\n" + pemKey: "InvalidPublicKey",
	} {
		text := map[string]string{"InvalidPublicKey": invalid, "UnrecognizedPublicKeyEncoding": unrecognized}[code]
		w.Refused(w.Root(), "UploadSSHPublicKey", &shape.UploadSSHPublicKeyRequest{UserName: "bob", SSHPublicKeyBody: body}, 400, code, text)
	}
}
