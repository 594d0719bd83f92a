package server

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"

	"github.com/iamd-project/iamd/internal/authority"
	"github.com/iamd-project/iamd/internal/gateway"
)

// Authority is where and how other servers ask whose a request is and what it may do.
// The zero value answers nobody.
type Authority struct {
	Listen []string // host:port each
	// TokenFile has the tokens that askers show, one a line, and ClientCA the PEM
	// certificates that those of askers are signed with. One must be given; with both,
	// askers need both.
	TokenFile, ClientCA string
	// RecordAllowed leaves an audit record of requests that are allowed, too.
	RecordAllowed bool
}

func (c *Config) checkAuthority() error {
	a := &c.Authority
	if len(a.Listen) == 0 {
		if a.TokenFile != "" || a.ClientCA != "" || a.RecordAllowed {
			return errors.New("the settings of --authority-… need an --authority-listen")
		}
		return nil
	}
	if a.TokenFile == "" && a.ClientCA == "" {
		return errors.New("--authority-listen needs --authority-token-file or --authority-client-ca, on any address")
	}
	if a.ClientCA != "" && c.TLSCert == "" {
		return errors.New("--authority-client-ca needs --tls-cert and --tls-key: there are no client certificates without TLS")
	}
	for _, addr := range a.Listen {
		if err := c.checkListen("--authority-listen", addr); err != nil {
			return err
		}
	}
	return nil
}

// buildAuthority makes what answers other servers, of the parts that answer clients; nil
// if nobody is to be answered.
func (s *server) buildAuthority(g *gateway.Gateway) (http.Handler, error) {
	a := &s.config.Authority
	if len(a.Listen) == 0 {
		return nil, nil
	}
	door := &authority.Door{Certificate: a.ClientCA != ""}
	if a.TokenFile != "" {
		text, err := os.ReadFile(a.TokenFile)
		if err != nil {
			return nil, fmt.Errorf("--authority-token-file: %w", err)
		}
		if door.Tokens, err = authority.ParseTokens(string(text)); err != nil {
			return nil, fmt.Errorf("--authority-token-file %s: %w", a.TokenFile, err)
		}
	}
	asked := &authority.Server{
		Door:          door,
		Store:         g.Store,
		Keyring:       g.Keyring,
		Authn:         g.Authn,
		Authz:         g.Authz,
		Usage:         g.Usage,
		Trail:         g.Trail,
		Account:       g.Account,
		IDs:           g.IDs,
		Now:           g.Now,
		Log:           g.Log,
		RecordAllowed: a.RecordAllowed,
	}
	return asked.Handler(), nil
}

// authorityTLS is nil for plain HTTP. gRPC needs HTTP/2.
func (s *server) authorityTLS() (*tls.Config, error) {
	secure, err := s.tlsConfig()
	if secure == nil || err != nil {
		return nil, err
	}
	secure.NextProtos = []string{"h2", "http/1.1"}
	if s.config.Authority.ClientCA == "" {
		return secure, nil
	}
	text, err := os.ReadFile(s.config.Authority.ClientCA)
	if err != nil {
		return nil, fmt.Errorf("--authority-client-ca: %w", err)
	}
	secure.ClientCAs, secure.ClientAuth = x509.NewCertPool(), tls.RequireAndVerifyClientCert
	if !secure.ClientCAs.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("--authority-client-ca %s: no PEM certificate in it", s.config.Authority.ClientCA)
	}
	return secure, nil
}

// authorityServer speaks HTTP/2, which gRPC is made of, without TLS, too.
func (s *server) authorityServer() *http.Server {
	h := s.webServer(s.authority)
	h.Protocols = new(http.Protocols)
	h.Protocols.SetHTTP1(true)
	h.Protocols.SetHTTP2(true)
	h.Protocols.SetUnencryptedHTTP2(true)
	return h
}
