package iam_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

// issued is a certificate with its key.
type issued struct {
	cert     *x509.Certificate
	private  *ecdsa.PrivateKey
	pem, key string
}

// issue makes a certificate that is valid for 30 days, signed by by or by itself.
func issue(t *testing.T, name string, by *issued, notBefore time.Time) *issued {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: notBefore, NotAfter: notBefore.Add(30 * 24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	parent, signer := template, private
	if by != nil {
		parent, signer = by.cert, by.private
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, private.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return &issued{
		cert: cert, private: private,
		pem: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		key: string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: key})),
	}
}

const (
	tooOld = "Certificate is no longer valid. The 'Not After' date restriction on the certificate has passed."
	tooNew = "Certificate is not yet valid. The 'Not Before' date restriction on the certificate has not passed."
	notPEM = "Unable to parse certificate. Please ensure the certificate is in PEM format."
)

func uploadSigning(w *optest.World, caller op.Principal, user *string, body string) *shape.SigningCertificate {
	in := &shape.UploadSigningCertificateRequest{UserName: user, CertificateBody: body}
	return optest.Must[shape.UploadSigningCertificateResponse](w, caller, "UploadSigningCertificate", in).Certificate
}

func TestSigningCertificateLife(t *testing.T) {
	w := optest.New(t, iam.Service())
	createUser(w, "Bob", "")
	createUser(w, "eve", "")
	day := w.Now.Add(-24 * time.Hour)
	first, second, third := issue(t, "1", nil, day), issue(t, "2", nil, day), issue(t, "3", nil, day)
	refuse := func(body string, status int, code, text string) {
		t.Helper()
		w.Refused(w.Root(), "UploadSigningCertificate", &shape.UploadSigningCertificateRequest{UserName: new("bob"), CertificateBody: body}, status, code, text)
	}
	refuse("hello", 400, "MalformedCertificate", "Certificate hello is malformed.")
	both := first.pem + second.pem
	refuse(both, 400, "MalformedCertificate", "Certificate "+both+" is malformed.")
	refuse(issue(t, "old", nil, w.Now.Add(-60*24*time.Hour)).pem, 400, "InvalidCertificate", tooOld)
	refuse(issue(t, "new", nil, w.Now.Add(time.Hour)).pem, 400, "InvalidCertificate", tooNew)

	sc := uploadSigning(w, w.User("Bob"), nil, first.pem)
	if sc.UserName != "Bob" || len(sc.CertificateId) != 32 || sc.CertificateBody != first.pem || sc.Status != "Active" || *sc.UploadDate != w.Now {
		t.Errorf("UploadSigningCertificate replied %+v", sc)
	}
	refuse(first.pem, 409, "DuplicateCertificate", "The same certificate is associated with an IAM user in the account.")
	w.Refused(w.Root(), "UploadSigningCertificate", &shape.UploadSigningCertificateRequest{UserName: new("eve"), CertificateBody: first.pem},
		409, "DuplicateCertificate", "The same certificate is associated with an IAM user in the account.")
	w.Now = w.Now.Add(time.Second)
	uploadSigning(w, w.Root(), new("bob"), second.pem)
	refuse(third.pem, 409, "LimitExceeded", "Cannot exceed quota for CertificatesPerUser: 2")

	none := "The Certificate with id " + sc.CertificateId + " cannot be found."
	w.Refused(w.Root(), "DeleteSigningCertificate", &shape.DeleteSigningCertificateRequest{UserName: new("eve"), CertificateId: sc.CertificateId}, 404, "NoSuchEntity", none)
	w.Refused(w.Root(), "UpdateSigningCertificate", &shape.UpdateSigningCertificateRequest{CertificateId: sc.CertificateId, Status: "Inactive"},
		400, "ValidationError", "Must specify userName when calling with non-User credentials")
	optest.Must[op.None](w, w.Root(), "UpdateSigningCertificate", &shape.UpdateSigningCertificateRequest{UserName: new("bob"), CertificateId: sc.CertificateId, Status: "Inactive"})

	in := &shape.ListSigningCertificatesRequest{UserName: new("bob"), MaxItems: new(int32(1))}
	page := optest.Must[shape.ListSigningCertificatesResponse](w, w.Root(), "ListSigningCertificates", in)
	in.Marker = page.Marker
	rest := optest.Must[shape.ListSigningCertificatesResponse](w, w.Root(), "ListSigningCertificates", in)
	if len(page.Certificates) != 1 || page.Certificates[0].Status != "Inactive" || len(rest.Certificates) != 1 || rest.Certificates[0].CertificateBody != second.pem || *rest.IsTruncated {
		t.Errorf("ListSigningCertificates replied %+v and %+v", page, rest)
	}
	w.Refused(w.Root(), "DeleteUser", &shape.DeleteUserRequest{UserName: "Bob"}, 409, "DeleteConflict", "Cannot delete entity, must delete certificates first.")
	checkClean(t, w)
	for _, c := range slices.Concat(page.Certificates, rest.Certificates) {
		optest.Must[op.None](w, w.User("Bob"), "DeleteSigningCertificate", &shape.DeleteSigningCertificateRequest{CertificateId: c.CertificateId})
	}
	optest.Must[op.None](w, w.Root(), "DeleteUser", &shape.DeleteUserRequest{UserName: "Bob"})
	uploadSigning(w, w.Root(), new("eve"), first.pem)
	checkClean(t, w)
}

func TestServerCertificateLife(t *testing.T) {
	w := optest.New(t, iam.Service())
	day := w.Now.Add(-24 * time.Hour)
	root := issue(t, "root", nil, day)
	middle := issue(t, "middle", root, day)
	leaf := issue(t, "www.example.com", middle, day)
	chain := middle.pem + root.pem

	in := &shape.UploadServerCertificateRequest{
		ServerCertificateName: "Web", Path: new("/cloudfront/"), CertificateBody: leaf.pem, PrivateKey: leaf.key, CertificateChain: &chain,
		Tags: []shape.Tag{{Key: "k", Value: "v"}},
	}
	out, needs, err := w.Do(w.Root(), "UploadServerCertificate", in)
	if err != nil {
		t.Fatal(err)
	}
	const arn = "arn:aws:iam::123456789012:server-certificate/cloudfront/Web"
	m := out.(*shape.UploadServerCertificateResponse).ServerCertificateMetadata
	if m.Arn != arn || m.Path != "/cloudfront/" || m.ServerCertificateName != "Web" || !strings.HasPrefix(m.ServerCertificateId, "ASCA") ||
		*m.UploadDate != w.Now || !m.Expiration.Equal(leaf.cert.NotAfter) || !slices.Equal(resources(needs), []string{arn, arn}) {
		t.Errorf("UploadServerCertificate needs %v, replied %+v", needs, m)
	}
	w.Refused(w.Root(), "UploadServerCertificate", &shape.UploadServerCertificateRequest{ServerCertificateName: "WEB"},
		409, "EntityAlreadyExists", "The Server Certificate with name WEB already exists.")

	get := optest.Must[shape.GetServerCertificateResponse](w, w.Root(), "GetServerCertificate", &shape.GetServerCertificateRequest{ServerCertificateName: "web"}).ServerCertificate
	if get.CertificateBody != strings.TrimSpace(leaf.pem) || *get.CertificateChain != strings.TrimSpace(chain) || len(get.Tags) != 1 {
		t.Errorf("GetServerCertificate replied %+v", get)
	}

	// A rename takes the permission on both names.
	self := issue(t, "self", nil, day)
	optest.Must[shape.UploadServerCertificateResponse](w, w.Root(), "UploadServerCertificate",
		&shape.UploadServerCertificateRequest{ServerCertificateName: "self", CertificateBody: self.pem, PrivateKey: self.key})
	update := &shape.UpdateServerCertificateRequest{ServerCertificateName: "web", NewServerCertificateName: new("Self"), NewPath: new("/")}
	w.Refused(w.Root(), "UpdateServerCertificate", update, 409, "EntityAlreadyExists", "The Server Certificate with name Self already exists.")
	update.NewServerCertificateName = new("site")
	if _, needs, err = w.Do(w.Root(), "UpdateServerCertificate", update); err != nil || !slices.Equal(resources(needs), []string{arn, "arn:aws:iam::123456789012:server-certificate/site"}) {
		t.Errorf("UpdateServerCertificate needs %v: %v", needs, err)
	}
	list := optest.Must[shape.ListServerCertificatesResponse](w, w.Root(), "ListServerCertificates", &shape.ListServerCertificatesRequest{})
	if l := list.ServerCertificateMetadataList; len(l) != 2 || l[0].ServerCertificateName != "self" || l[1].ServerCertificateName != "site" || l[1].ServerCertificateId != m.ServerCertificateId {
		t.Errorf("ListServerCertificates replied %+v", l)
	}

	optest.Must[op.None](w, w.Root(), "TagServerCertificate", &shape.TagServerCertificateRequest{ServerCertificateName: "site", Tags: []shape.Tag{{Key: "a", Value: "b"}}})
	optest.Must[op.None](w, w.Root(), "UntagServerCertificate", &shape.UntagServerCertificateRequest{ServerCertificateName: "site", TagKeys: []string{"K"}})
	tags := optest.Must[shape.ListServerCertificateTagsResponse](w, w.Root(), "ListServerCertificateTags", &shape.ListServerCertificateTagsRequest{ServerCertificateName: "site"}).Tags
	if !slices.Equal(tags, []shape.Tag{{Key: "a", Value: "b"}}) {
		t.Errorf("tags %v", tags)
	}
	checkClean(t, w)
	optest.Must[op.None](w, w.Root(), "DeleteServerCertificate", &shape.DeleteServerCertificateRequest{ServerCertificateName: "SITE"})
	const none = "The Server Certificate with name site cannot be found."
	w.Refused(w.Root(), "GetServerCertificate", &shape.GetServerCertificateRequest{ServerCertificateName: "site"}, 404, "NoSuchEntity", none)
	w.Refused(w.Root(), "UpdateServerCertificate", &shape.UpdateServerCertificateRequest{ServerCertificateName: "site"}, 404, "NoSuchEntity", none)
	w.Refused(w.Root(), "DeleteServerCertificate", &shape.DeleteServerCertificateRequest{ServerCertificateName: "site"}, 404, "NoSuchEntity", none)
	w.Refused(w.Root(), "TagServerCertificate", &shape.TagServerCertificateRequest{ServerCertificateName: "site"}, 404, "NoSuchEntity", none)
	w.Refused(w.Root(), "UntagServerCertificate", &shape.UntagServerCertificateRequest{ServerCertificateName: "site"}, 404, "NoSuchEntity", none)
	w.Refused(w.Root(), "ListServerCertificateTags", &shape.ListServerCertificateTagsRequest{ServerCertificateName: "site"}, 404, "NoSuchEntity", none)
	checkClean(t, w)
}

func TestNotAServerCertificate(t *testing.T) {
	w := optest.New(t, iam.Service())
	day := w.Now.Add(-24 * time.Hour)
	root := issue(t, "root", nil, day)
	middle, other := issue(t, "middle", root, day), issue(t, "middle", root, day)
	leaf := issue(t, "leaf", middle, day)
	old, early := issue(t, "old", nil, w.Now.Add(-60*24*time.Hour)), issue(t, "early", nil, w.Now.Add(time.Hour))
	const (
		wrongChain = "Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, " +
			"followed by any intermediaries in order. The index within the chain of the invalid certificate is: "
		wrongKey = "Unable to parse private key. Please ensure the private key is in PEM format."
	)
	locked := strings.Replace(leaf.key, "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY", 2)
	for _, tc := range []struct{ name, body, chain, key, code, text string }{
		{"no PEM", "hello", "", leaf.key, "MalformedCertificate", notPEM},
		{"two certificates", leaf.pem + middle.pem, "", leaf.key, "MalformedCertificate", notPEM},
		{"text before it", "Subject: leaf\n" + leaf.pem, "", leaf.key, "MalformedCertificate", notPEM},
		{"text in the chain", leaf.pem, "Subject: middle\n" + middle.pem, leaf.key, "MalformedCertificate", notPEM},
		{"chain of another", leaf.pem, root.pem, leaf.key, "MalformedCertificate", wrongChain + "-1"},
		{"chain of another with the same name", leaf.pem, other.pem, leaf.key, "MalformedCertificate", wrongChain + "-1"},
		{"chain that breaks", leaf.pem, middle.pem + leaf.pem, leaf.key, "MalformedCertificate", wrongChain + "0"},
		{"no key", leaf.pem, middle.pem, "hello", "MalformedCertificate", wrongKey},
		{"certificate for a key", leaf.pem, middle.pem, leaf.pem, "MalformedCertificate", wrongKey},
		{"key with a password", leaf.pem, middle.pem, locked, "MalformedCertificate", wrongKey},
		{"another's key", leaf.pem, middle.pem, middle.key, "KeyPairMismatch", "The public key certificate and the private key do not match."},
		{"too old", old.pem, "", old.key, "MalformedCertificate", tooOld},
		{"too new", early.pem, "", early.key, "MalformedCertificate", tooNew},
	} {
		t.Log(tc.name)
		in := &shape.UploadServerCertificateRequest{ServerCertificateName: "x", CertificateBody: tc.body, PrivateKey: tc.key}
		if tc.chain != "" {
			in.CertificateChain = &tc.chain
		}
		w.Refused(w.Root(), "UploadServerCertificate", in, 400, tc.code, tc.text)
	}
	long := strings.Repeat("x", 65537)
	w.Refused(w.Root(), "UploadServerCertificate", &shape.UploadServerCertificateRequest{ServerCertificateName: "x", CertificateChain: &long},
		409, "LimitExceeded", "Cannot exceed quota for CertificateChainSize: 65536")
	upload := func(name string) *shape.UploadServerCertificateRequest {
		return &shape.UploadServerCertificateRequest{ServerCertificateName: name, CertificateBody: leaf.pem, PrivateKey: leaf.key}
	}
	for n := range 20 {
		optest.Must[shape.UploadServerCertificateResponse](w, w.Root(), "UploadServerCertificate", upload(strings.Repeat("x", n+1)))
	}
	w.Refused(w.Root(), "UploadServerCertificate", upload("one-more"), 409, "LimitExceeded", "Cannot exceed quota for ServerCertificatesPerAccount: 20")
}
