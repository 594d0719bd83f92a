package federation

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// The algorithms of GetWebIdentityToken.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html
const (
	RS256 = "RS256"
	ES384 = "ES384"
)

// PublicKey is a key that others verify an account's tokens with.
type PublicKey struct {
	ID        string
	Algorithm string
	PKIX      []byte
}

// PrivateKey signs an account's tokens.
type PrivateKey struct {
	PublicKey
	PKCS8 []byte
}

// NewKey makes a key for an algorithm, from crypto/rand. That takes a while for
// RS256. Its ID says which key it is, and is as unique.
func NewKey(algorithm string) (*PrivateKey, error) {
	var private crypto.Signer
	var err error
	switch algorithm {
	case RS256:
		private, err = rsa.GenerateKey(rand.Reader, 2048)
	case ES384:
		private, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	default:
		err = fmt.Errorf("federation: no algorithm %q", algorithm)
	}
	if err != nil {
		return nil, err
	}
	k := &PrivateKey{PublicKey: PublicKey{Algorithm: algorithm}}
	if k.PKIX, err = x509.MarshalPKIXPublicKey(private.Public()); err != nil {
		return nil, err
	}
	if k.PKCS8, err = x509.MarshalPKCS8PrivateKey(private); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(k.PKIX)
	k.ID = base64.RawURLEncoding.EncodeToString(sum[:16])
	return k, nil
}

// Token is what an account's token says. Tags and texts that are empty are left out.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_token_claims.html
type Token struct {
	Issuer   string
	Audience []string
	Subject  string // the ARN of the principal
	Issued   time.Time
	Expires  time.Time
	ID       string

	Account       string
	Region        string
	PrincipalTags map[string]string
	RequestTags   map[string]string
}

// awsClaims are below the claim of this name.
const awsClaims = "https://sts.amazonaws.com/"

// MarshalJSON writes the claims.
func (t *Token) MarshalJSON() ([]byte, error) {
	type aws struct {
		Account       string            `json:"aws_account"`
		Region        string            `json:"source_region,omitempty"`
		PrincipalTags map[string]string `json:"principal_tags,omitempty"`
		RequestTags   map[string]string `json:"request_tags,omitempty"`
	}
	claims := map[string]any{
		"iss": t.Issuer, "sub": t.Subject, "jti": t.ID,
		"iat": t.Issued.Unix(), "exp": t.Expires.Unix(),
		awsClaims: aws{t.Account, t.Region, t.PrincipalTags, t.RequestTags},
	}
	claims["aud"] = t.Audience
	if len(t.Audience) == 1 {
		claims["aud"] = t.Audience[0]
	}
	return json.Marshal(claims)
}

// Sign makes a JWT of the token.
func (k *PrivateKey) Sign(t *Token) (string, error) {
	private, err := x509.ParsePKCS8PrivateKey(k.PKCS8)
	if err != nil {
		return "", fmt.Errorf("signing key %s: %w", k.ID, err)
	}
	key := jose.SigningKey{Algorithm: jose.SignatureAlgorithm(k.Algorithm), Key: jose.JSONWebKey{Key: private, KeyID: k.ID}}
	signer, err := jose.NewSigner(key, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", fmt.Errorf("signing key %s: %w", k.ID, err)
	}
	payload, err := t.MarshalJSON()
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("signing key %s: %w", k.ID, err)
	}
	return signed.CompactSerialize()
}

// Where an issuer's documents are, below its URL.
const (
	ConfigurationPath = "/.well-known/openid-configuration"
	KeysPath          = "/.well-known/jwks.json"
)

// issuerPath is where the issuers of all accounts are, below the server's URL.
const issuerPath = "/issuer/"

// IssuerURL is the URL of an issuer on the server at base.
func IssuerURL(base, issuer string) string {
	return strings.TrimSuffix(base, "/") + issuerPath + issuer
}

// IssuerOf takes an issuer and one of the paths above out of the path of a request.
func IssuerOf(path string) (issuer, document string, ok bool) {
	rest, ok := strings.CutPrefix(path, issuerPath)
	issuer, document, found := strings.Cut(rest, "/")
	return issuer, "/" + document, ok && found && issuer != ""
}

// Configuration is an issuer's OpenID configuration.
func Configuration(url string) ([]byte, error) {
	return json.Marshal(map[string]any{
		"issuer":                                url,
		"jwks_uri":                              url + KeysPath,
		"response_types_supported":              []string{"id_token"},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": []string{RS256, ES384},
		"claims_supported":                      []string{"sub", "aud", "exp", "iat", "iss", "jti", awsClaims},
	})
}

// KeySet is an issuer's keys as a JWK set.
func KeySet(keys []PublicKey) ([]byte, error) {
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	for _, k := range keys {
		public, err := x509.ParsePKIXPublicKey(k.PKIX)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("signing key %s", k.ID), err)
		}
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: public, KeyID: k.ID, Algorithm: k.Algorithm, Use: "sig"})
	}
	return json.Marshal(set)
}
