package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/explain"
	"github.com/iamd-project/iamd/internal/ids"
)

// Admin is what commands do to a data folder, whether a server has it open or not.
type Admin interface {
	// Backup copies the store into dir, which must be empty or not exist.
	Backup(ctx context.Context, dir string) error
	// Doctor checks every record, index and sealed secret.
	Doctor(ctx context.Context) (*directory.Report, error)
	// RotateMasterKey puts a new master key in force and says where it is.
	RotateMasterKey(ctx context.Context, newKey string) (string, error)
	// CreateAccount makes an account, and an access key for its root user.
	CreateAccount(ctx context.Context, n NewAccount) (*RootKey, error)
	// Accounts returns the next accounts behind after, "" for the first; none at the end.
	Accounts(ctx context.Context, after ids.Account) ([]AccountInfo, error)
	// CreateRootKey makes an access key for the root user of an account, which is
	// given by its ID or its name.
	CreateRootKey(ctx context.Context, account string) (*RootKey, error)
	// AccessKeys returns the next access keys behind after, "" for the first; none at the end.
	AccessKeys(ctx context.Context, after ids.KeyID) ([]KeyInfo, error)
	// RotateUser has the access key of a user rotated from now on, in a secret.
	RotateUser(ctx context.Context, q RotatedUser) (*Rotated, error)
	// Explain says whether a request would be allowed, and why.
	Explain(ctx context.Context, q *explain.Question) (*explain.Answer, error)
}

// OpenAdmin opens a data folder for one command: through the server that has it
// open, or else by itself. done must be called in the end.
func OpenAdmin(f Folder) (a Admin, done func() error, err error) {
	socket, err := socketName(f.Path)
	if err != nil {
		return nil, nil, err
	}
	conn, err := net.Dial("unix", socket)
	switch {
	case err == nil:
		_ = conn.Close()
		return &controlClient{socket}, func() error { return nil }, nil
	case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ECONNREFUSED):
		return nil, nil, fmt.Errorf("reaching the server of %s: %w", f.Path, err)
	}
	d, err := openData(f, false, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, nil, err
	}
	return d, d.Close, nil
}

// socketName is the control socket's path. One that is too long for a socket
// address goes to the temporary folder, under a name made from the data folder's.
func socketName(folder string) (string, error) {
	abs, err := filepath.Abs(filepath.Join(folder, socketFile))
	if err != nil {
		return "", err
	}
	if len(abs) < 100 { // sun_path holds 104 or 108 bytes
		return abs, nil
	}
	sum := sha256.Sum256([]byte(abs))
	return filepath.Join(os.TempDir(), fmt.Sprintf("iamd-%d-%x.sock", os.Getuid(), sum[:12])), nil
}

// order is what goes through the control socket, as JSON; a finding comes back.
type order struct {
	Do         string            `json:"do"` // as carryOut has it
	Dir        string            `json:"dir,omitempty"`
	NewKey     string            `json:"newKey,omitempty"`
	NewAccount NewAccount        `json:"newAccount,omitzero"`
	Account    string            `json:"account,omitempty"`
	After      ids.Account       `json:"after,omitempty"`
	AfterKey   ids.KeyID         `json:"afterKey,omitempty"`
	Rotate     *RotatedUser      `json:"rotate,omitempty"`
	Question   *explain.Question `json:"question,omitempty"`
}

type finding struct {
	Error    string            `json:"error,omitempty"`
	Where    string            `json:"where,omitempty"`
	Report   *directory.Report `json:"report,omitempty"`
	RootKey  *RootKey          `json:"rootKey,omitempty"`
	Accounts []AccountInfo     `json:"accounts,omitempty"`
	Keys     []KeyInfo         `json:"keys,omitempty"`
	Rotated  *Rotated          `json:"rotated,omitempty"`
	Answer   *explain.Answer   `json:"answer,omitempty"`
}

// maxOrder bounds an order, in bytes.
const maxOrder = 1 << 20

// listenControl opens the control socket for this user alone. The data folder is
// locked already, so a socket that is there was left by a crash.
func listenControl(folder string) (net.Listener, error) {
	socket, err := socketName(folder)
	if err != nil {
		return nil, err
	}
	if err := os.Remove(socket); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	l, err := net.Listen("unix", socket)
	if err != nil {
		return nil, err
	}
	return l, os.Chmod(socket, 0o600)
}

func controlServer(a Admin) *http.Server {
	return &http.Server{
		ReadHeaderTimeout: 10 * time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var o order
			found := &finding{}
			err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxOrder)).Decode(&o)
			if err == nil {
				found, err = carryOut(r.Context(), a, o)
			}
			if err != nil {
				found = &finding{Error: err.Error()}
			}
			_ = json.NewEncoder(w).Encode(found) // a command that was interrupted gets no answer
		}),
	}
}

func carryOut(ctx context.Context, a Admin, o order) (found *finding, err error) {
	found = &finding{}
	switch o.Do {
	case "backup":
		err = a.Backup(ctx, o.Dir)
	case "doctor":
		found.Report, err = a.Doctor(ctx)
	case "rotate-master-key":
		found.Where, err = a.RotateMasterKey(ctx, o.NewKey)
	case "create-account":
		found.RootKey, err = a.CreateAccount(ctx, o.NewAccount)
	case "accounts":
		found.Accounts, err = a.Accounts(ctx, o.After)
	case "create-root-key":
		found.RootKey, err = a.CreateRootKey(ctx, o.Account)
	case "access-keys":
		found.Keys, err = a.AccessKeys(ctx, o.AfterKey)
	case "rotate-user":
		if o.Rotate == nil {
			return found, errors.New("the order names no user")
		}
		found.Rotated, err = a.RotateUser(ctx, *o.Rotate)
	case "explain":
		if o.Question == nil {
			return found, errors.New("the order has no question")
		}
		found.Answer, err = a.Explain(ctx, o.Question)
	default:
		err = fmt.Errorf("the server does not know the order %q: it is of another version", o.Do)
	}
	return found, err
}

// controlClient is an Admin that has a running server do the work.
type controlClient struct{ socket string }

func (c *controlClient) Backup(ctx context.Context, dir string) error {
	abs, err := filepath.Abs(dir) // the server runs elsewhere
	if err != nil {
		return err
	}
	_, err = c.send(ctx, order{Do: "backup", Dir: abs})
	return err
}

func (c *controlClient) Doctor(ctx context.Context) (*directory.Report, error) {
	found, err := c.send(ctx, order{Do: "doctor"})
	if err == nil && found.Report == nil {
		err = errors.New("the server sent no report")
	}
	return found.Report, err
}

func (c *controlClient) RotateMasterKey(ctx context.Context, newKey string) (string, error) {
	found, err := c.send(ctx, order{Do: "rotate-master-key", NewKey: newKey})
	return found.Where, err
}

func (c *controlClient) CreateAccount(ctx context.Context, n NewAccount) (*RootKey, error) {
	return c.rootKey(ctx, order{Do: "create-account", NewAccount: n})
}

func (c *controlClient) Accounts(ctx context.Context, after ids.Account) ([]AccountInfo, error) {
	found, err := c.send(ctx, order{Do: "accounts", After: after})
	return found.Accounts, err
}

func (c *controlClient) CreateRootKey(ctx context.Context, account string) (*RootKey, error) {
	return c.rootKey(ctx, order{Do: "create-root-key", Account: account})
}

func (c *controlClient) rootKey(ctx context.Context, o order) (*RootKey, error) {
	found, err := c.send(ctx, o)
	if err == nil && found.RootKey == nil {
		err = errors.New("the server sent no key")
	}
	return found.RootKey, err
}

func (c *controlClient) AccessKeys(ctx context.Context, after ids.KeyID) ([]KeyInfo, error) {
	found, err := c.send(ctx, order{Do: "access-keys", AfterKey: after})
	return found.Keys, err
}

func (c *controlClient) RotateUser(ctx context.Context, q RotatedUser) (*Rotated, error) {
	found, err := c.send(ctx, order{Do: "rotate-user", Rotate: &q})
	if err == nil && found.Rotated == nil {
		err = errors.New("the server sent no secret")
	}
	return found.Rotated, err
}

func (c *controlClient) Explain(ctx context.Context, q *explain.Question) (*explain.Answer, error) {
	found, err := c.send(ctx, order{Do: "explain", Question: q})
	if err == nil && found.Answer == nil {
		err = errors.New("the server sent no answer")
	}
	return found.Answer, err
}

func (c *controlClient) send(ctx context.Context, o order) (finding, error) {
	body, err := json.Marshal(o)
	if err != nil {
		return finding{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://iamd/", bytes.NewReader(body))
	if err != nil {
		return finding{}, err
	}
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", c.socket)
		},
	}}
	resp, err := client.Do(req)
	if err != nil {
		return finding{}, fmt.Errorf("asking the running server: %w", err)
	}
	defer resp.Body.Close()
	var found finding
	if err := json.NewDecoder(io.LimitReader(resp.Body, 16<<20)).Decode(&found); err != nil {
		return finding{}, fmt.Errorf("reading the running server's answer: %w", err)
	}
	if found.Error != "" {
		return finding{}, errors.New(found.Error)
	}
	return found, nil
}
