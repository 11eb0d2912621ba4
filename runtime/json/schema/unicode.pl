#!/usr/bin/perl
# unicode.pl [DIRECTORY]: print as C the sets of \p{...} of ECMA-262 (2024, tables 66 to 69), from the Unicode Character
# Database (Debian's package unicode-data). Only what perl-base has is used. A set is where it begins and ends, again
# and again, each as the distance from the last one, in LEB128.
use strict;
use warnings;

my $dir = shift // '/usr/share/unicode';
my @binary = qw(
    ASCII= ASCII_Hex_Digit=AHex Alphabetic=Alpha Any= Assigned= Bidi_Control=Bidi_C Bidi_Mirrored=Bidi_M
    Case_Ignorable=CI Cased= Changes_When_Casefolded=CWCF Changes_When_Casemapped=CWCM Changes_When_Lowercased=CWL
    Changes_When_NFKC_Casefolded=CWKCF Changes_When_Titlecased=CWT Changes_When_Uppercased=CWU Dash=
    Default_Ignorable_Code_Point=DI Deprecated=Dep Diacritic=Dia Emoji= Emoji_Component=EComp Emoji_Modifier=EMod
    Emoji_Modifier_Base=EBase Emoji_Presentation=EPres Extended_Pictographic=ExtPict Extender=Ext
    Grapheme_Base=Gr_Base Grapheme_Extend=Gr_Ext Hex_Digit=Hex IDS_Binary_Operator=IDSB IDS_Trinary_Operator=IDST
    ID_Continue=IDC ID_Start=IDS Ideographic=Ideo Join_Control=Join_C Logical_Order_Exception=LOE Lowercase=Lower
    Math= Noncharacter_Code_Point=NChar Pattern_Syntax=Pat_Syn Pattern_White_Space=Pat_WS Quotation_Mark=QMark
    Radical= Regional_Indicator=RI Sentence_Terminal=STerm Soft_Dotted=SD Terminal_Punctuation=Term
    Unified_Ideograph=UIdeo Uppercase=Upper Variation_Selector=VS White_Space=space XID_Continue=XIDC XID_Start=XIDS);
my (%set, %names, %short); # by kind and name: ranges; [name, its set's name]; of scripts

# The lines of FILE as lists of fields, the first, if it is code points, as [first, last].
sub lines {
    my ($file) = @_;
    open my $in, '<', "$dir/$file" or die "unicode.pl: $dir/$file: $!: Debian's package unicode-data has it\n";
    my @lines;
    while (my $line = <$in>) {
        my @field = map { s{^\s+|\s+$}{}gr } split /;/, $line =~ s/#.*//sr;
        next if @field < 2;
        $field[0] = [hex $1, hex($2 // $1)] if $field[0] =~ /^([0-9A-F]{4,6})(?:\.\.([0-9A-F]+))?$/;
        push @lines, \@field;
    }
    return @lines;
}

# Ranges in order, none touching the next.
sub merged {
    my @out;
    for (sort { $a->[0] <=> $b->[0] } @_) {
        if (@out && $_->[0] <= $out[-1][1] + 1) {
            $out[-1][1] = $_->[1] if $_->[1] > $out[-1][1];
        } else {
            push @out, [@$_];
        }
    }
    return @out;
}

sub inverted {
    my ($at, @out) = (0);
    for (@_) {
        push @out, [$at, $_->[0] - 1] if $_->[0] > $at;
        $at = $_->[1] + 1;
    }
    push @out, [$at, 0x10FFFF] if $at <= 0x10FFFF;
    return @out;
}

sub add_categories {
    my %within = map { $_ => 'LC' } qw(Lu Ll Lt);
    for (lines('extracted/DerivedGeneralCategory.txt')) {
        my ($range, $name) = @$_;
        push @{$set{gc}{$_}}, $range for grep { defined } $name, substr($name, 0, 1), $within{$name};
    }
    $set{binary}{Assigned} = [inverted(merged(@{$set{gc}{Cn}}))];
}

# A character without a line in ScriptExtensions.txt has the one of Scripts.txt.
sub add_scripts {
    my @sc = map { [$_->[0], $short{sc}{$_->[1]}] } lines('Scripts.txt');
    my @scx = lines('ScriptExtensions.txt');
    my @without = inverted(merged(map { $_->[0] } @scx));
    push @{$set{sc}{$_->[1]}}, $_->[0] for @sc;
    $set{sc}{Zzzz} = [inverted(merged(map { $_->[0] } @sc))];
    for my $line (@scx) {
        push @{$set{scx}{$_}}, $line->[0] for split ' ', $line->[1];
    }
    for my $name (keys %{$set{sc}}) {
        my @parts = merged(@{$set{sc}{$name}});
        for my $gap (@without) {
            for (@parts) {
                my $lo = $_->[0] > $gap->[0] ? $_->[0] : $gap->[0];
                my $hi = $_->[1] < $gap->[1] ? $_->[1] : $gap->[1];
                push @{$set{scx}{$name}}, [$lo, $hi] if $lo <= $hi;
            }
        }
    }
}

sub add_binaries {
    for (@binary) {
        my ($name, $alias) = split /=/;
        push @{$names{binary}}, [$_, $name] for grep { length } $name, $alias;
        $set{binary}{$name} //= [];
    }
    for (map { lines($_) } qw(PropList.txt DerivedCoreProperties.txt DerivedNormalizationProps.txt
        emoji/emoji-data.txt extracted/DerivedBinaryProperties.txt)) {
        push @{$set{binary}{$_->[1]}}, $_->[0] if exists $set{binary}{$_->[1]};
    }
    $set{binary}{Any} = [[0, 0x10FFFF]];
    $set{binary}{ASCII} = [[0, 127]];
}

for (lines('PropertyValueAliases.txt')) {
    my ($kind, $name, @aliases) = @$_;
    next unless $kind eq 'gc' || $kind eq 'sc';
    my %seen;
    for my $alias (grep { length && !$seen{$_}++ } $name, @aliases) {
        push @{$names{$kind}}, [$alias, $name];
        $short{$kind}{$alias} = $name;
    }
}
add_categories();
add_scripts();
add_binaries();

my ($bytes, @starts, %number) = (0);
print "/* Made by runtime/json/schema/unicode.pl. */\nstatic const unsigned char unicode_deltas[] = {\n";
for my $kind (qw(gc sc scx binary)) {
    my %once = map { $_->[1] => 1 } @{$names{$kind eq 'scx' ? 'sc' : $kind}};
    for my $name (sort keys %once) {
        my $at = 0;
        $number{$kind}{$name} = @starts;
        push @starts, $bytes;
        die "unicode.pl: no characters are $name\n" unless $set{$kind}{$name} || $name eq 'Hrkt';
        for (map { $_->[0], $_->[1] + 1 } merged(@{$set{$kind}{$name} // []})) {
            my $n = $_ - $at;
            $at = $_;
            for (; $n >= 128; $n >>= 7, $bytes++) { print $n % 128 + 128, ',' }
            print "$n,";
            $bytes++;
        }
        print "\n";
    }
}
print "};\nstatic const uint32_t unicode_starts[] = {", join(',', @starts, $bytes), "};\n";
print "#define UNICODE_SCRIPTS ", scalar(keys %{$number{sc}}), "\n";
for (['gc', 'categories'], ['sc', 'scripts'], ['binary', 'binaries']) {
    my ($kind, $table) = @$_;
    print "static const struct unicode_name unicode_${table}[] = {\n";
    print "    {\"$_->[0]\", $number{$kind}{$_->[1]}},\n" for @{$names{$kind}};
    print "};\n";
}
open my $in, '<', "$dir/Scripts.txt" or die;
print "#define UNICODE_RELEASE \"$1\"\n" if <$in> =~ /^# Scripts-([0-9.]+)\.txt/;
