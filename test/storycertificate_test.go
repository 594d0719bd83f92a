package test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func certificateStories() []story {
	return []story{
		{name: "server certificates", given: givenCertificates, steps: serverCertificateSteps},
		{name: "signing certificates", given: givenCertificates, steps: signingCertificateSteps},
	}
}

// givenCertificates makes four with their keys, the last of which is no longer valid.
func givenCertificates(t *testing.T, _ *server, v values) {
	now := time.Now()
	for _, name := range []string{"one", "two", "three"} {
		v[name], v[name+".key"] = certificate(t, name, now.Add(time.Hour))
	}
	v["old"], v["old.key"] = certificate(t, "old", now.Add(-time.Hour))
}

var serverCertificateSteps = []step{
	does(&iam.UploadServerCertificateInput{ServerCertificateName: new("web"), Path: new("/cloudfront/"), CertificateBody: new("<one>"), PrivateKey: new("<one.key>"), Tags: oneTag}).
		shows("ServerCertificateMetadata.Arn", "arn:aws:iam::<account>:server-certificate/cloudfront/web").shows("ServerCertificateMetadata.Expiration", "*").
		shows("ServerCertificateMetadata.ServerCertificateId", "*").shows("ServerCertificateMetadata.UploadDate", "*").shows("Tags.#", "1"),
	fails("EntityAlreadyExists", &iam.UploadServerCertificateInput{ServerCertificateName: new("WEB"), CertificateBody: new("<one>"), PrivateKey: new("<one.key>")}),
	fails("InvalidInput", &iam.UploadServerCertificateInput{ServerCertificateName: new("x"), CertificateBody: new("<one>"), PrivateKey: new("<one.key>"), Tags: reservedTag}),
	fails("KeyPairMismatch", &iam.UploadServerCertificateInput{ServerCertificateName: new("x"), CertificateBody: new("<one>"), PrivateKey: new("<two.key>")}),
	fails("MalformedCertificate", &iam.UploadServerCertificateInput{ServerCertificateName: new("x"), CertificateBody: new("x"), PrivateKey: new("<two.key>")},
		&iam.UploadServerCertificateInput{ServerCertificateName: new("x"), CertificateBody: new("<old>"), PrivateKey: new("<old.key>")},
		&iam.UploadServerCertificateInput{ServerCertificateName: new("x"), CertificateBody: new("<one>"), PrivateKey: new("<one.key>"), CertificateChain: new("<two>")}),
	does(&iam.GetServerCertificateInput{ServerCertificateName: new("web")}).shows("ServerCertificate.ServerCertificateMetadata.Path", "/cloudfront/").
		shows("ServerCertificate.CertificateChain", "absent").shows("ServerCertificate.Tags.0.Key", "Team"),
	does(&iam.ListServerCertificatesInput{}).shows("ServerCertificateMetadataList.#", "1").shows("ServerCertificateMetadataList.0.ServerCertificateName", "web").
		shows("IsTruncated", "false"),
	does(&iam.UploadServerCertificateInput{ServerCertificateName: new("api"), CertificateBody: new("<two>"), PrivateKey: new("<two.key>")}),
	fails("EntityAlreadyExists", &iam.UpdateServerCertificateInput{ServerCertificateName: new("api"), NewServerCertificateName: new("web")}),
	does(&iam.UpdateServerCertificateInput{ServerCertificateName: new("web"), NewServerCertificateName: new("www"), NewPath: new("/")}),
	does(&iam.GetServerCertificateInput{ServerCertificateName: new("www")}).
		shows("ServerCertificate.ServerCertificateMetadata.Arn", "arn:aws:iam::<account>:server-certificate/www"),
	does(&iam.TagServerCertificateInput{ServerCertificateName: new("www"), Tags: []types.Tag{{Key: new("Cost"), Value: new("1")}}}),
	does(&iam.ListServerCertificateTagsInput{ServerCertificateName: new("www")}).shows("Tags.#", "2"),
	does(&iam.UntagServerCertificateInput{ServerCertificateName: new("www"), TagKeys: []string{"Cost"}}),
	does(&iam.ListServerCertificateTagsInput{ServerCertificateName: new("www")}).shows("Tags.#", "1").shows("Tags.0.Key", "Team"),
	fails("InvalidInput", &iam.TagServerCertificateInput{ServerCertificateName: new("www"), Tags: reservedTag}),
	does(&iam.DeleteServerCertificateInput{ServerCertificateName: new("www")}),
	fails("NoSuchEntity", &iam.GetServerCertificateInput{ServerCertificateName: new("www")}, &iam.DeleteServerCertificateInput{ServerCertificateName: new("www")},
		&iam.UpdateServerCertificateInput{ServerCertificateName: new("www"), NewPath: new("/")},
		&iam.TagServerCertificateInput{ServerCertificateName: new("www"), Tags: oneTag},
		&iam.UntagServerCertificateInput{ServerCertificateName: new("www"), TagKeys: []string{"a"}},
		&iam.ListServerCertificateTagsInput{ServerCertificateName: new("www")}).says("The Server Certificate with name www cannot be found."),
}

var signingCertificateSteps = []step{
	does(&iam.CreateUserInput{UserName: new("ann")}),
	does(&iam.UploadSigningCertificateInput{UserName: new("ann"), CertificateBody: new("<one>")}).keeps("id", "Certificate.CertificateId").
		shows("Certificate.UserName", "ann").shows("Certificate.Status", "Active").shows("Certificate.UploadDate", "*"),
	fails("DuplicateCertificate", &iam.UploadSigningCertificateInput{UserName: new("ann"), CertificateBody: new("<one>")}),
	fails("MalformedCertificate", &iam.UploadSigningCertificateInput{UserName: new("ann"), CertificateBody: new("x")}).says("Certificate x is malformed."),
	fails("InvalidCertificate", &iam.UploadSigningCertificateInput{UserName: new("ann"), CertificateBody: new("<old>")}),
	does(&iam.UpdateSigningCertificateInput{UserName: new("ann"), CertificateId: new("<id>"), Status: types.StatusTypeInactive}),
	does(&iam.ListSigningCertificatesInput{UserName: new("ann")}).shows("Certificates.#", "1").shows("Certificates.0.Status", "Inactive").
		shows("Certificates.0.CertificateId", "<id>").shows("IsTruncated", "false"),
	does(&iam.UploadSigningCertificateInput{UserName: new("ann"), CertificateBody: new("<two>")}),
	fails("LimitExceeded", &iam.UploadSigningCertificateInput{UserName: new("ann"), CertificateBody: new("<three>")}).
		says("Cannot exceed quota for CertificatesPerUser: 2"),
	fails("DeleteConflict", &iam.DeleteUserInput{UserName: new("ann")}).says("Cannot delete entity, must delete certificates first."),
	does(&iam.DeleteSigningCertificateInput{UserName: new("ann"), CertificateId: new("<id>")}),
	fails("NoSuchEntity", &iam.DeleteSigningCertificateInput{UserName: new("ann"), CertificateId: new("<id>")},
		&iam.UpdateSigningCertificateInput{UserName: new("ann"), CertificateId: new("<id>"), Status: types.StatusTypeActive}).
		says("The Certificate with id <id> cannot be found."),
	fails("NoSuchEntity", &iam.UploadSigningCertificateInput{UserName: new("eve"), CertificateBody: new("<three>")},
		&iam.ListSigningCertificatesInput{UserName: new("eve")}).says("The user with name eve cannot be found."),
}

// certificate is one that signs itself, and its key, both in PEM.
func certificate(t *testing.T, name string, notAfter time.Time) (body, private string) {
	t.Helper()
	k := must[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: notAfter.Add(-2 * time.Hour), NotAfter: notAfter,
	}
	der := must[[]byte](t)(x509.CreateCertificate(rand.Reader, template, template, k.Public(), k))
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: must[[]byte](t)(x509.MarshalPKCS8PrivateKey(k))}))
}
