package server

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"time"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/rotation"
	"github.com/iamd-project/iamd/internal/s3"
)

// DefaultListen is where iamd serves unless told otherwise: the port that local
// AWS tools already use.
const DefaultListen = "127.0.0.1:4566"

// DefaultAccount is the account that a first start makes.
const DefaultAccount = ids.Account("123456789012")

// Config says what to serve. Its zero value, with a Data folder, is an enforced
// and durable server on DefaultListen.
type Config struct {
	Listen  []string    // host:port each; none means DefaultListen
	Account ids.Account // made at the first start; "" means DefaultAccount

	TLSCert, TLSKey string // PEM files; both or neither
	InsecureListen  bool   // allows plain HTTP on an address that is not loopback

	// PublicURLs are what clients call this server when a proxy rewrites Host.
	PublicURLs []string
	// TrustedProxies are addresses or CIDR blocks whose X-Forwarded-For header is believed.
	TrustedProxies []string

	// EndSessionsWithKey ends temporary credentials with the access key that asked for
	// them. On AWS, and by default, they outlive it.
	EndSessionsWithKey bool

	// Quotas are limits other than AWS's default, NAME=N each, by the names in
	// LimitExceeded errors. Of a name given twice the last counts.
	Quotas []string

	Authority Authority
	Folder    Folder
	// NoCredentialsFile keeps the first root key out of the data folder: it is only shown.
	NoCredentialsFile bool
	// RootKeyID and RootSecret are the root access key of an ephemeral server.
	RootKeyID, RootSecret string
	AuditLog              string // "-" for standard output; "" for files in the data folder

	Version string
	Stdout  io.Writer // what is shown once, and the audit log when it is "-"
	Stderr  io.Writer // what is shown once, when Stdout is the audit log
	// Terminal says that Stdout is looked at by a person and not kept.
	Terminal bool
	Log      *slog.Logger // nil discards
	Now      func() time.Time
	Rand     io.Reader // nil means crypto/rand
}

// Folder says where the data is and what opens it.
type Folder struct {
	Path          string // the data folder
	Ephemeral     bool   // no folder: everything is kept in memory
	MasterKeyFile string // "" means master.key in the data folder
	MasterKey     string // the key itself, from the environment; wins over the file
	NewMasterKey  string // the key that is to follow MasterKey, while it is being rotated
}

func (c *Config) listen() []string {
	if len(c.Listen) == 0 {
		return []string{DefaultListen}
	}
	return c.Listen
}

func (c *Config) account() ids.Account {
	if c.Account == "" {
		return DefaultAccount
	}
	return c.Account
}

// Check finds what cannot be, before anything is opened.
func (c *Config) Check() error {
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return errors.New("--tls-cert and --tls-key go together")
	}
	if c.Folder.Path == "" && !c.Folder.Ephemeral {
		return errors.New("no data folder: give --data or --ephemeral")
	}
	if (c.RootKeyID == "") != (c.RootSecret == "") {
		return errors.New("IAMD_ROOT_ACCESS_KEY_ID and IAMD_ROOT_SECRET_ACCESS_KEY go together")
	}
	if c.RootKeyID != "" && !c.Folder.Ephemeral {
		return errors.New("IAMD_ROOT_ACCESS_KEY_ID is for --ephemeral; a data folder has its own root key")
	}
	for _, addr := range c.listen() {
		if err := c.checkListen("--listen", addr); err != nil {
			return err
		}
	}
	if err := c.checkAuthority(); err != nil {
		return err
	}
	if _, err := c.publicURLs(); err != nil {
		return err
	}
	if _, err := c.services(parts{rotations: &rotation.Engine{}}); err != nil {
		return err
	}
	_, err := c.trustedProxies()
	return err
}

func (c *Config) checkListen(flag, addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("%s %s: %w", flag, addr, err)
	}
	if c.TLSCert != "" || c.InsecureListen || isLoopback(host) {
		return nil
	}
	return fmt.Errorf("%s %s: plain HTTP on an address that others can reach needs --tls-cert and --tls-key, or --insecure-listen", flag, addr)
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

func (c *Config) publicURLs() ([]*url.URL, error) {
	var urls []*url.URL
	for _, s := range c.PublicURLs {
		u, err := url.Parse(s)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.RawQuery != "" || u.User != nil {
			return nil, fmt.Errorf("--public-url %s: not an http or https address", s)
		}
		urls = append(urls, u)
	}
	return urls, nil
}

// base is the URL that others reach the server at: the first that it was told, or else
// the address that it listens on.
func (c *Config) base() string {
	if len(c.PublicURLs) > 0 {
		return c.PublicURLs[0]
	}
	scheme := "http://"
	if c.TLSCert != "" {
		scheme = "https://"
	}
	host, port, err := net.SplitHostPort(c.listen()[0])
	if err != nil {
		return scheme + c.listen()[0] // Check has refused it
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return scheme + net.JoinHostPort(host, port)
}

// hosts are what clients call the server.
func (c *Config) hosts() s3.Hosts {
	hosts := s3.Hosts{"localhost"}
	for _, addr := range c.listen() {
		hosts = append(hosts, addr)
	}
	urls, err := c.publicURLs()
	if err != nil {
		return hosts // Check has refused them
	}
	for _, u := range urls {
		hosts = append(hosts, u.Host)
	}
	return hosts
}

func (c *Config) trustedProxies() ([]netip.Prefix, error) {
	var blocks []netip.Prefix
	for _, s := range c.TrustedProxies {
		block, err := netip.ParsePrefix(s)
		if err != nil {
			ip, e := netip.ParseAddr(s)
			if e != nil {
				return nil, fmt.Errorf("--trusted-proxy %s: neither an address nor a CIDR block", s)
			}
			block = netip.PrefixFrom(ip, ip.BitLen())
		}
		blocks = append(blocks, block.Masked())
	}
	return blocks, nil
}
