"""English."""

from promptls.analysis.lexicon.lexicon import Lexicon


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(text: str) -> frozenset[str]:
    return frozenset(line.strip() for line in text.strip().splitlines())


INTENTS = {
    "generate": _words(
        """
        write generate create compose draft produce invent make craft design propose suggest brainstorm imagine
        author develop build prepare name recommend tell output
        """
    ),
    "extract": _words(
        """
        extract identify find list locate collect pull detect parse retrieve gather spot count capture pick
        """
    ),
    "classify": _words(
        """
        classify categorize categorise label tag determine decide assess rate score judge grade evaluate rank
        sort assign predict check verify moderate triage choose select
        """
    ),
    "rewrite": _words(
        """
        rewrite rephrase paraphrase translate edit improve correct fix convert transform polish reformat
        simplify shorten expand proofread revise format adapt turn refine localize localise normalize normalise
        """
    ),
    "summarise": _words("summarize summarise condense shorten recap abstract digest outline"),
    "answer": _words(
        """
        answer explain describe respond reply solve calculate compute define help clarify compare tell
        """
    ),
    "code": _words("implement code program refactor debug test"),
    "plan": _words("plan schedule organize organise prioritize prioritise outline design"),
    "converse": _words(
        """
        chat converse talk discuss roleplay role-play act pretend interview greet simulate
        """
    ),
}

EN = Lexicon(
    language="en",
    stop_words=_words(
        """
        the and of to in is are you your that it for with this be on as not or by from an at which what if their
        will was have has can do does when should must each any its they them i we our using into then only how
        there these those all a following was were been would but about than
        """
    ),
    imperatives=frozenset().union(*INTENTS.values())
    | _words(
        """
        add adopt analyze analyse apply arrange ask assume attach avoid base be begin break bring build call
        calculate capitalize change check choose cite combine complete confirm consider construct contain
        continue copy cover cut declare delete deliver derive discard display do double-check embed emit
        emphasize emphasise enclose encourage end ensure enumerate escape estimate examine exclude execute
        explore express fill filter finish focus follow generate get give go group guess guide handle have
        highlight hold identify ignore illustrate include incorporate indent indicate infer inform insert
        inspect introduce investigate invite join keep know learn leave let limit link list listen load look
        maintain make map mark match mention merge minimize move name note number obey observe offer omit open
        optimize order organize output pay perform place plan point prefer present preserve print process
        promise prompt propose provide put query quote raise read reason recall refer reference refuse refrain
        relate remain remember remove rename render repeat replace report represent request require resolve
        restate restrict return reuse review run save say scan search see segment select send separate set share
        show skip solve speak specify split stand start state stay step stick stop store structure study submit
        substitute support surround switch take tell think trace track treat trim try understand update use
        utilize validate view wait warn weigh work wrap
        """
    ),
    openers=_words(
        """
        please then first second third next finally now also and but kindly instead otherwise always only just
        carefully briefly lastly afterwards simply clearly
        """
    ),
    obligations=_phrases(
        """
        must
        shall
        should
        never
        always
        do not
        don't
        don’t
        must not
        cannot
        have to
        has to
        need to
        needs to
        is required
        are required
        make sure
        be sure to
        ensure
        only
        your task is
        your job is
        your goal is
        you will
        not allowed
        may not
        """
    ),
    prohibitions=_phrases(
        """
        never
        do not
        don't
        don’t
        must not
        mustn't
        mustn’t
        should not
        shouldn't
        shouldn’t
        cannot
        can't
        can’t
        may not
        avoid
        refrain from
        not allowed
        forbidden
        """
    ),
    negations=_words(
        """
        not no never none neither nor nothing nobody without cannot don't doesn't isn't aren't won't can't
        shouldn't mustn't unless except don’t doesn’t isn’t aren’t won’t can’t shouldn’t mustn’t
        """
    ),
    intents=INTENTS,
    hedges=_phrases(
        """
        try to
        try and
        if possible
        where possible
        when possible
        as far as possible
        as much as possible
        ideally
        preferably
        perhaps
        maybe
        possibly
        feel free to
        you may want to
        you might want to
        if you can
        if you like
        if you want
        aim to
        strive to
        attempt to
        do your best
        more or less
        sort of
        kind of
        """
    ),
    weak_modals=_words("could might may would can"),
    vague=_words(
        """
        some several various many few certain appropriate suitable proper properly adequate relevant reasonable
        good nice better interesting stuff things somehow something etc enough sufficiently normal usual short
        brief long detailed simple quickly soon often sometimes usually generally roughly fairly quite rather
        somewhat
        """
    ),
    subjective=_words(
        """
        best better great good nice excellent amazing awesome perfect beautiful engaging compelling fast easy
        intuitive user-friendly elegant modern high-quality professional creative interesting exciting catchy
        fun robust powerful clean effective efficient optimal seamless innovative stunning wonderful fantastic
        ideal impressive
        """
    ),
    fillers=_phrases(
        """
        please note that
        note that
        it is important to note that
        it should be noted that
        in order to
        be helpful
        as an ai language model
        due to the fact that
        at this point in time
        basically
        actually
        needless to say
        for the purpose of
        in the event that
        with regard to
        kindly
        """
    ),
    emphasis=_words(
        """
        must never always critical crucial vital essential important strictly absolutely extremely mandatory
        imperative urgent
        """
    ),
    positive=_words(
        """
        good great excellent happy love like enjoy wonderful best better friendly kind warm helpful delightful
        success successful win benefit easy safe clear positive polite thank thanks welcome glad pleased fun
        beautiful joy hope trust gentle encourage encouraging supportive respectful empathetic cheerful perfect
        """
    ),
    negative=_words(
        """
        bad worse worst terrible awful hate angry sad fail failure failed wrong error problem harm harmful
        danger dangerous threat hostile rude ugly pain painful fear poor risk penalty punish punished fired die
        kill offensive toxic violent illegal fraud negative severe disaster horrible unacceptable lose loss
        complaint
        """
    ),
    abbreviations=_words(
        """
        e.g i.e eg ie etc vs cf mr mrs ms dr prof st jr sr inc ltd co corp approx ca fig figs sec no nos vol
        vols ed eds pp p al dept est ext max min resp incl excl a.m p.m u.s u.k jan feb mar apr jun jul aug sep
        sept oct nov dec ver viz
        """
    ),
)
