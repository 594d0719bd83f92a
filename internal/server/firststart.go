package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// rootKey is the root access key of a first start, in plain text.
type rootKey struct {
	id     ids.KeyID
	secret ids.SecretKey
}

// firstStart makes the account and its root access key if the store has no
// account of that number, and shows or writes down the key. The credentials file
// is written before the commit: after a crash in between, the next start finds
// no account and writes another.
func (s *server) firstStart(ctx context.Context) error {
	var made *rootKey
	err := s.data.store.Update(ctx, func(tx store.Tx) error {
		made = nil
		account, err := directory.GetAccount(tx, s.config.account())
		if err != nil || account != nil {
			return err
		}
		if made, err = s.makeAccount(tx); err != nil {
			return err
		}
		return s.writeRootKey(made)
	})
	if err != nil {
		return fmt.Errorf("making account %s: %w", s.config.account(), err)
	}
	if made != nil {
		s.log.Info("made account", "account", s.config.account(), "rootAccessKey", made.id)
		s.showRootKey(made)
	}
	return nil
}

func (s *server) makeAccount(tx store.Tx) (*rootKey, error) {
	a := &directory.Account{ID: s.config.account(), Created: directory.At(s.config.Now())}
	if err := directory.PutAccount(tx, a); err != nil {
		return nil, err
	}
	ring := s.data.Keyring()
	if s.config.RootKeyID != "" {
		given := &rootKey{ids.KeyID(s.config.RootKeyID), ids.SecretKey(s.config.RootSecret)}
		key := &directory.AccessKey{ID: given.id, Account: a.ID, Owner: a.Owner(), Active: true, Created: a.Created}
		if err := key.SealSecret(ring, given.secret); err != nil {
			return nil, err
		}
		return given, directory.PutAccessKey(tx, a, key)
	}
	key, secret, err := directory.NewAccessKey(tx, s.ids, ring, a, s.config.Now())
	if err != nil {
		return nil, err
	}
	return &rootKey{key.ID, secret}, nil
}

func (s *server) writeRootKey(k *rootKey) error {
	if s.config.Folder.Ephemeral || s.config.NoCredentialsFile {
		return nil
	}
	return s.clientFiles.writeCredentials(k.id, k.secret)
}

// showRootKey shows the key once: to a person at a terminal always, and
// otherwise (output that is kept is no place for a secret) only when it is
// written down nowhere else.
func (s *server) showRootKey(k *rootKey) {
	if s.config.RootKeyID != "" {
		return // whoever started the server knows it
	}
	kept := !s.config.Folder.Ephemeral && !s.config.NoCredentialsFile
	if kept && !s.config.Terminal {
		return
	}
	var w io.Writer = s.config.Stdout
	if s.config.AuditLog == "-" {
		w = s.config.Stderr // standard output holds audit records and nothing else
	}
	fmt.Fprintf(w, "The root user's access key of account %s, shown this once:\n\n  AWS_ACCESS_KEY_ID=%s\n  AWS_SECRET_ACCESS_KEY=%s\n\n",
		s.config.account(), string(k.id), string(k.secret))
}

// writeClientConfig tells AWS clients where the server is.
func (s *server) writeClientConfig(endpoint string) error {
	if s.config.Folder.Ephemeral {
		return nil
	}
	if _, err := os.Stat(s.clientFiles.Credentials); errors.Is(err, fs.ErrNotExist) {
		return nil // no credentials file was wanted, or it was removed
	}
	s.clientFiles.Endpoint = endpoint
	return s.clientFiles.writeConfig()
}
