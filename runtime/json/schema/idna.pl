#!/usr/bin/perl
# idna.pl [DIRECTORY]: print as C what IDNA2008 says of code points (RFC 5892, 2 and A), and what else its rules ask for
# (RFC 5893: classes of direction; NFC: combining classes and compositions), from the Unicode Character Database (Debian's
# package unicode-data). Only what perl-base has is used. A range ends where the next begins.
use strict;
use warnings;

my $dir = shift // '/usr/share/unicode';
my $bits = "\0" x (4 * 0x110000);
my %direction = (L => 0, R => 1, AL => 1, AN => 2, EN => 3, NSM => 4); # others: 5
my %joining = (L => 1, R => 2, D => 3, T => 4);
my %script = (Greek => 1, Hebrew => 2, Hiragana => 3, Katakana => 3, Han => 3);
my %letter = map { $_ => 1 } qw(Ll Lu Lo Nd Lm Mn Mc); # 2.1
my (%shift, %mask);
my @fields = (combining => 8, direction => 3, joining => 3, script => 2, kind => 2, mark => 1);
my $at = 0;
while (my ($name, $width) = splice @fields, 0, 2) {
    ($shift{$name}, $mask{$name}) = ($at, (1 << $width) - 1);
    $at += $width;
}

# The lines of FILE as lists of fields, the first, if it is code points, as [first, last].
sub lines {
    my ($file) = @_;
    open my $in, '<', "$dir/$file" or die "idna.pl: $dir/$file: $!: Debian's package unicode-data has it\n";
    my @lines;
    while (my $line = <$in>) {
        my @field = map { s{^\s+|\s+$}{}gr } split /;/, $line =~ s/#.*//sr, -1;
        next if @field < 2;
        $field[0] = [hex $1, hex($2 // $1)] if $field[0] =~ /^([0-9A-F]{4,6})(?:\.\.([0-9A-F]+))?$/;
        push @lines, \@field;
    }
    return @lines;
}

sub put {
    my ($name, $value, $lo, $hi) = @_;
    for ($lo .. $hi // $lo) {
        vec($bits, $_, 32) = vec($bits, $_, 32) & ~($mask{$name} << $shift{$name}) | $value << $shift{$name};
    }
}

use constant { DISALLOWED => 0, VALID => 1, JOINS => 2, CONTEXT => 3 };
for (lines('extracted/DerivedGeneralCategory.txt')) {
    put(kind => VALID, @{$_->[0]}) if $letter{$_->[1]};
    put(mark => 1, @{$_->[0]}) if $_->[1] =~ /^M/;
}
for (map { lines($_) } qw(DerivedNormalizationProps.txt DerivedCoreProperties.txt PropList.txt)) { # 2.2, 2.3
    put(kind => DISALLOWED, @{$_->[0]})
        if $_->[1] =~ /^(Changes_When_NFKC_Casefolded|Default_Ignorable_Code_Point|White_Space|Noncharacter_Code_Point)$/;
}
put(kind => DISALLOWED, @$_) for [0x20D0, 0x20FF], [0x1D100, 0x1D1FF], [0x1D200, 0x1D24F];    # 2.4
for (lines('HangulSyllableType.txt')) { put(kind => DISALLOWED, @{$_->[0]}) if $_->[1] =~ /^[LVT]$/ } # 2.9
put(kind => VALID, @$_) for [0x2D], [0x30, 0x39], [0x61, 0x7A];                               # 2.5
put(kind => VALID, $_) for 0xDF, 0x3C2, 0x6FD, 0x6FE, 0xF0B, 0x3007;                          # 2.6
put(kind => CONTEXT, @$_) for [0xB7], [0x375], [0x5F3, 0x5F4], [0x30FB], [0x660, 0x669], [0x6F0, 0x6F9];
put(kind => DISALLOWED, @$_) for [0x640], [0x7FA], [0x302E, 0x302F], [0x3031, 0x3035], [0x303B];
put(kind => JOINS, 0x200C, 0x200D);                                                           # 2.8
put(direction => $direction{$_->[1]} // 5, @{$_->[0]}) for lines('extracted/DerivedBidiClass.txt');
put(joining => $joining{$_->[1]} // 0, @{$_->[0]}) for lines('extracted/DerivedJoiningType.txt');
put(combining => $_->[1], @{$_->[0]}) for lines('extracted/DerivedCombiningClass.txt');
put(script => $script{$_->[1]} // 0, @{$_->[0]}) for lines('Scripts.txt');

print "/* Made by runtime/json/schema/idna.pl. */\n";
print "#define IDNA_\U$_\E(bits) ((bits) >> $shift{$_} & $mask{$_})\n" for sort keys %shift;
print "static const struct idna_range {\n    uint32_t lo, bits;\n} idna_ranges[] = {\n";
my $last = -1;
for (0 .. 0x10FFFF) {
    my $one = vec($bits, $_, 32);
    $one = 0 if ($one >> $shift{kind} & $mask{kind}) == DISALLOWED; # nothing else is asked of it
    printf "{0x%X, 0x%X},\n", $_, $one if $one != $last;
    $last = $one;
}
print "};\n";

my %excluded;
for (lines('DerivedNormalizationProps.txt')) {
    $excluded{$_}++ for $_->[1] eq 'Full_Composition_Exclusion' ? $_->[0][0] .. $_->[0][1] : ();
}
print "static const struct idna_pair {\n    uint32_t whole, first, second;\n} idna_pairs[] = {\n";
for (lines('UnicodeData.txt')) {
    my ($whole, $parts) = ($_->[0][0], $_->[5]);
    print "{0x" . sprintf('%X', $whole) . ", 0x$1, 0x$2},\n" if $parts =~ /^([0-9A-F]+) ([0-9A-F]+)$/ && !$excluded{$whole};
}
print "};\n";
