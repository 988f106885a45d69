"""English."""

from promptls.analysis.lexicon.lexicon import Lexicon, phrase_set, word_set

INTENTS = {
    "generate": word_set(
        """
        write generate create compose draft produce invent make craft design propose suggest brainstorm imagine
        author develop build prepare name recommend tell output
        """
    ),
    "extract": word_set(
        """
        extract identify find list locate collect pull detect parse retrieve gather spot count capture pick
        """
    ),
    "classify": word_set(
        """
        classify categorize categorise label tag determine decide assess rate score judge grade evaluate rank
        sort assign predict check verify moderate triage choose select
        """
    ),
    "rewrite": word_set(
        """
        rewrite rephrase paraphrase translate edit improve correct fix convert transform polish reformat
        simplify shorten expand proofread revise format adapt turn refine localize localise normalize normalise
        """
    ),
    "summarise": word_set("summarize summarise condense shorten recap abstract digest outline"),
    "answer": word_set(
        """
        analyze analyse review critique answer explain describe respond reply solve calculate compute define
        help clarify compare tell
        """
    ),
    "code": word_set("implement code program refactor debug test"),
    "plan": word_set("plan schedule organize organise prioritize prioritise outline design"),
    "converse": word_set(
        """
        chat converse talk discuss roleplay role-play act pretend interview greet simulate
        """
    ),
}

EN = Lexicon(
    language="en",
    stop_words=word_set(
        """
        the and of to in is are you your that it for with this be on as not or by from an at which what if their
        will was have has can do does when should must each any its they them i we our using into then only how
        there these those all a following was were been would but about than
        """
    ),
    imperatives=frozenset().union(*INTENTS.values())
    | word_set(
        """
        abstain accept add adopt anticipate assess assist analyze analyse apply arrange ask assume attach
        avoid base be begin break bring build call calculate capitalize change check choose cite combine
        complete confirm consider construct contain continue copy cover cut declare delete deliver derive
        discard display do double-check embed emit emphasize emphasise enclose encourage end ensure enumerate
        escape estimate examine exclude execute explore express feed fill filter finish focus follow generate
        get give go group guess guide handle have highlight hold identify ignore illustrate include
        incorporate indent indicate infer inform insert inspect introduce investigate invite join keep know
        learn leave let limit link list listen load look maintain make map mark match mention merge minimize
        move name note number obey observe offer omit open optimize order organize output pay perform place
        plan point prefer present preserve print process promise prompt propose provide put query quote raise
        read reason recall refer reference refuse refrain relate remain remember remove rename render repeat
        replace report represent request require resolve restate restrict return reuse review run save say
        scan search see segment select send separate set share show skip solve speak specify split stand start
        state stay step stick stop store structure study submit substitute support surround switch take tell
        think trace track treat trim try understand update use utilize validate view wait warn weigh work wrap
        """
    ),
    openers=word_set(
        """
        please then first second third next finally now also and but kindly instead otherwise always only just
        carefully briefly lastly afterwards simply clearly
        """
    ),
    obligations=phrase_set(
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
        your task
        your job
        your goal is
        you are tasked
        you are to
        you will
        not allowed
        may not
        """
    ),
    prohibitions=phrase_set(
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
    negations=word_set(
        """
        not no never none neither nor nothing nobody without cannot don't doesn't isn't aren't won't can't
        shouldn't mustn't unless except don’t doesn’t isn’t aren’t won’t can’t shouldn’t mustn’t
        """
    ),
    intents=INTENTS,
    task_objects={
        "code": phrase_set(
            """
            code
            function
            script
            program
            query
            sql
            regex
            unit test
            unit tests
            dockerfile
            module
            class
            method
            workflow
            pipeline
            playbook
            stored procedure
            schema
            api
            algorithm
            component
            endpoint
            """
        ),
        "summarise": phrase_set(
            """
            summary
            summaries
            abstract
            synopsis
            tl;dr
            key points
            main points
            in three sentences
            in one sentence
            """
        ),
        "classify": phrase_set(
            """
            category
            categories
            label
            labels
            class label
            sentiment
            positive or negative
            positive, negative
            true or false
            yes or no
            spam
            into one of
            whether
            rating
            """
        ),
        "extract": phrase_set(
            """
            entities
            fields
            keywords
            names
            mentions
            """
        ),
        "plan": phrase_set(
            """
            plan
            itinerary
            schedule
            roadmap
            agenda
            timeline
            checklist
            runbook
            strategy
            """
        ),
        "rewrite": phrase_set(
            """
            rewritten
            translation
            grammar
            tone of the text
            more formal
            more concise
            """
        ),
        "answer": phrase_set(
            """
            question
            questions
            answer
            the problem
            explanation
            """
        ),
        "converse": phrase_set(
            """
            conversation
            the conversation
            chat
            dialogue with the user
            stay in character
            """
        ),
    },
    hedges=phrase_set(
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
    weak_modals=word_set("could might may would can"),
    vague=word_set(
        """
        some several various many few certain appropriate suitable proper properly adequate relevant reasonable
        good nice better interesting stuff things somehow something etc enough sufficiently normal usual short
        brief long detailed simple quickly soon often sometimes usually generally roughly fairly quite rather
        somewhat
        """
    ),
    subjective=word_set(
        """
        best better great good nice excellent amazing awesome perfect beautiful engaging compelling fast easy
        intuitive user-friendly elegant modern high-quality professional creative interesting exciting catchy
        fun robust powerful clean effective efficient optimal seamless innovative stunning wonderful fantastic
        ideal impressive
        """
    ),
    fillers=phrase_set(
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
    emphasis=word_set(
        """
        must never always critical crucial vital essential important strictly absolutely extremely mandatory
        imperative urgent
        """
    ),
    positive=word_set(
        """
        good great excellent happy love like enjoy wonderful best better friendly kind warm helpful delightful
        success successful win benefit easy safe clear positive polite thank thanks welcome glad pleased fun
        beautiful joy hope trust gentle encourage encouraging supportive respectful empathetic cheerful perfect
        """
    ),
    negative=word_set(
        """
        bad worse worst terrible awful hate angry sad fail failure failed wrong error problem harm harmful
        danger dangerous threat hostile rude ugly pain painful fear poor risk penalty punish punished fired die
        kill offensive toxic violent illegal fraud negative severe disaster horrible unacceptable lose loss
        complaint
        """
    ),
    abbreviations=word_set(
        """
        e.g i.e eg ie etc vs cf mr mrs ms dr prof st jr sr inc ltd co corp approx ca fig figs sec no nos vol
        vols ed eds pp p al dept est ext max min resp incl excl a.m p.m u.s u.k jan feb mar apr jun jul aug sep
        sept oct nov dec ver viz
        """
    ),
)
