#!/bin/sh
# Perl (Net::SSLeay) with a guarded key: certificates and CRLs.
set -eu

# shellcheck source=tests/support/client.sh
. "$(dirname "$0")/../support/client.sh"

cat >issue.pl <<'PERL'
use strict;
use warnings;
use Net::SSLeay;

my ($key_file, $extensions, $out) = @ARGV;

sub failed {
    my ($what) = @_;
    while (my $code = Net::SSLeay::ERR_get_error()) {
        print STDERR Net::SSLeay::ERR_error_string($code), "\n";
    }
    die "$what\n";
}

Net::SSLeay::load_error_strings();
Net::SSLeay::SSLeay_add_ssl_algorithms();

sub read_pem {
    my ($file, $reader) = @_;
    my $bio = Net::SSLeay::BIO_new_file($file, 'r') or failed($file);
    my $thing = $reader->($bio) or failed($file);
    Net::SSLeay::BIO_free($bio);
    return $thing;
}

my $key = read_pem($key_file, \&Net::SSLeay::PEM_read_bio_PrivateKey);
my $ca = read_pem('ca.crt', \&Net::SSLeay::PEM_read_bio_X509);
my $request = read_pem('leaf.csr', \&Net::SSLeay::PEM_read_bio_X509_REQ);
my $sha256 = Net::SSLeay::EVP_get_digestbyname('sha256');

sub certificate {
    my $leaf = Net::SSLeay::X509_new();
    my $serial = Net::SSLeay::X509_get_serialNumber($leaf);
    Net::SSLeay::X509_set_version($leaf, 2);
    Net::SSLeay::P_ASN1_INTEGER_set_hex($serial, '4' . join '', map { sprintf '%x', rand 16 } 2 .. 32);
    Net::SSLeay::X509_set_issuer_name($leaf, Net::SSLeay::X509_get_subject_name($ca));
    Net::SSLeay::X509_set_subject_name($leaf, Net::SSLeay::X509_REQ_get_subject_name($request));
    Net::SSLeay::X509_set_pubkey($leaf, Net::SSLeay::X509_REQ_get_pubkey($request));
    Net::SSLeay::X509_gmtime_adj(Net::SSLeay::X509_get_notBefore($leaf), 0);
    Net::SSLeay::X509_gmtime_adj(Net::SSLeay::X509_get_notAfter($leaf), 365 * 86400 - 1);
    Net::SSLeay::P_X509_add_extensions($leaf, $ca,
        Net::SSLeay::NID_basic_constraints() => 'critical,CA:FALSE',
        Net::SSLeay::NID_key_usage() => 'critical,digitalSignature',
        Net::SSLeay::NID_ext_key_usage() => $extensions,
        Net::SSLeay::NID_certificate_policies() => 'DER:300b3009060767810c01050103',
        Net::SSLeay::NID_subject_alt_name() => 'email:anna@smimebr-test.eu',
        Net::SSLeay::NID_crl_distribution_points() => 'URI:http://crl.example.net/ca.crl',
        Net::SSLeay::NID_info_access() => 'caIssuers;URI:http://ca.example.net/ca.crt',
        Net::SSLeay::NID_subject_key_identifier() => 'hash',
        Net::SSLeay::NID_authority_key_identifier() => 'keyid') or failed('extensions');
    Net::SSLeay::X509_sign($leaf, $key, $sha256) or failed('not signed');
    return Net::SSLeay::PEM_get_string_X509($leaf);
}

sub crl {
    my ($days) = @_;
    my $crl = Net::SSLeay::X509_CRL_new();
    Net::SSLeay::X509_CRL_set_version($crl, 1);
    Net::SSLeay::X509_CRL_set_issuer_name($crl, Net::SSLeay::X509_get_subject_name($ca));
    Net::SSLeay::X509_gmtime_adj(my $last = Net::SSLeay::ASN1_TIME_new(), 0);
    Net::SSLeay::X509_CRL_set_lastUpdate($crl, $last);
    Net::SSLeay::X509_gmtime_adj(my $next = Net::SSLeay::ASN1_TIME_new(), $days * 86400 - 1);
    Net::SSLeay::X509_CRL_set_nextUpdate($crl, $next);
    Net::SSLeay::P_X509_CRL_add_revoked_serial_hex($crl, '4711', $last);
    Net::SSLeay::P_X509_CRL_add_extensions($crl, $ca,
        Net::SSLeay::NID_authority_key_identifier() => 'keyid') or failed('extensions');
    Net::SSLeay::P_ASN1_INTEGER_set_dec(my $number = Net::SSLeay::ASN1_INTEGER_new(), '7');
    Net::SSLeay::P_X509_CRL_set_serial($crl, $number);
    Net::SSLeay::X509_CRL_sign($crl, $key, $sha256) or failed('not signed');
    return Net::SSLeay::PEM_get_string_X509_CRL($crl);
}

my $pem = $extensions =~ /^\d+$/ ? crl($extensions) : certificate();
open my $file, '>', $out or die;
print $file $pem;
close $file or die;
PERL

make_leaf leaf -algorithm EC -pkeyopt ec_paramgen_curve:P-256
make_ca -algorithm EC -pkeyopt ec_paramgen_curve:P-256
signs leaf.crt guarded perl issue.pl ca.ref emailProtection leaf.crt
refuses "smime.eku" bad.crt guarded perl issue.pl ca.ref emailProtection,serverAuth bad.crt
signs ca.crl guarded perl issue.pl ca.ref 7 ca.crl
refuses "crl." bad.crl guarded perl issue.pl ca.ref 11 bad.crl
finish
