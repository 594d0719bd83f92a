package iam

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"math/big"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

var (
	errPublicKey = awserr.New(400, "InvalidPublicKey", "The public key is malformed or otherwise invalid.")
	errEncoding  = awserr.New(400, "UnrecognizedPublicKeyEncoding", "The public key encoding format is unsupported or unrecognized.")
)

const (
	sshRSA     = "ssh-rsa"
	minRSABits = 2048 // https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadSSHPublicKey.html
)

// parseSSHPublicKey reads a public key in OpenSSH's form or in PEM and returns it
// in SSH's own. It must be RSA, which is all that AWS takes.
func parseSSHPublicKey(body string) ([]byte, error) {
	body = strings.TrimSpace(body)
	var key *rsa.PublicKey
	var err error
	switch {
	case strings.HasPrefix(body, sshRSA+" "):
		key, err = parseOpenSSH(body)
	case strings.HasPrefix(body, "-----BEGIN"):
		key, err = parsePEMPublicKey(body)
	default:
		return nil, errEncoding
	}
	if err != nil {
		return nil, err
	}
	if key.N.BitLen() < minRSABits {
		return nil, errPublicKey
	}
	return sshWire(key), nil
}

// parseOpenSSH reads "ssh-rsa", the wire form in base64, and perhaps a comment.
func parseOpenSSH(line string) (*rsa.PublicKey, error) {
	raw, err := base64.StdEncoding.DecodeString(strings.Fields(line)[1])
	if err != nil {
		return nil, errPublicKey
	}
	name, rest, ok1 := sshString(raw)
	e, rest, ok2 := sshString(rest)
	n, rest, ok3 := sshString(rest)
	exponent := new(big.Int).SetBytes(e)
	if !ok1 || !ok2 || !ok3 || len(rest) > 0 || string(name) != sshRSA || exponent.BitLen() > 31 {
		return nil, errPublicKey
	}
	key := &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(exponent.Int64())}
	if key.E < 3 || !bytes.Equal(sshWire(key), raw) { // negative numbers and leading zeros
		return nil, errPublicKey
	}
	return key, nil
}

// sshString takes a string off b: RFC 4251, 5.
func sshString(b []byte) (s, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	n := binary.BigEndian.Uint32(b)
	if uint64(n) > uint64(len(b)-4) {
		return nil, nil, false
	}
	return b[4 : 4+n], b[4+n:], true
}

func parsePEMPublicKey(text string) (*rsa.PublicKey, error) {
	block, rest := pem.Decode([]byte(text))
	if block == nil || len(bytes.TrimSpace(rest)) > 0 {
		return nil, errPublicKey
	}
	switch block.Type {
	case "PUBLIC KEY":
		parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
		key, ok := parsed.(*rsa.PublicKey)
		if err != nil || !ok {
			return nil, errPublicKey
		}
		return key, nil
	case "RSA PUBLIC KEY":
		key, err := x509.ParsePKCS1PublicKey(block.Bytes)
		if err != nil {
			return nil, errPublicKey
		}
		return key, nil
	}
	return nil, errEncoding
}

// sshWire is the key as SSH sends it: RFC 4253, 6.6.
func sshWire(key *rsa.PublicKey) []byte {
	var out []byte
	for _, s := range [][]byte{[]byte(sshRSA), positive(big.NewInt(int64(key.E))), positive(key.N)} {
		out = binary.BigEndian.AppendUint32(out, uint32(len(s)))
		out = append(out, s...)
	}
	return out
}

// positive is a number whose first bit is not taken for a minus.
func positive(n *big.Int) []byte { return n.FillBytes(make([]byte, n.BitLen()/8+1)) }

func encodeSSHPublicKey(wire []byte, encoding string) (string, error) {
	line := sshRSA + " " + base64.StdEncoding.EncodeToString(wire)
	if encoding == shape.EncodingTypeSsh {
		return line, nil
	}
	key, err := parseOpenSSH(line)
	if err != nil {
		return "", err
	}
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))), nil
}
