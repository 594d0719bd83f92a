package server

import (
	"net/http"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/federation"
	"github.com/iamd-project/iamd/internal/store"
)

// answerIssuer serves what others verify an account's tokens with, and reports
// whether the request was for that. An account that no longer issues tokens still has
// it, for those that are out.
func (s *server) answerIssuer(w http.ResponseWriter, r *http.Request) bool {
	name, document, ok := federation.IssuerOf(r.URL.Path)
	if !ok || document != federation.ConfigurationPath && document != federation.KeysPath {
		return false
	}
	var issuer *directory.Outbound
	err := s.data.store.View(r.Context(), func(snap store.Reader) (err error) {
		issuer, err = directory.OutboundByIssuer(snap, name)
		return err
	})
	var body []byte
	switch {
	case err != nil || issuer == nil:
	case document == federation.KeysPath:
		body, err = federation.KeySet(publicKeys(issuer))
	default:
		body, err = federation.Configuration(federation.IssuerURL(s.config.base(), name))
	}
	switch {
	case err != nil:
		s.log.Error("serving an issuer", "issuer", name, "err", err)
		plain(w, http.StatusInternalServerError, "internal failure\n")
	case issuer == nil:
		plain(w, http.StatusNotFound, "no such issuer\n")
	default:
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "public, max-age=300")
		_, _ = w.Write(body)
	}
	return true
}

func publicKeys(issuer *directory.Outbound) []federation.PublicKey {
	keys := make([]federation.PublicKey, len(issuer.Keys))
	for i, k := range issuer.Keys {
		keys[i] = federation.PublicKey{ID: k.ID, Algorithm: k.Algorithm, PKIX: k.Public}
	}
	return keys
}
